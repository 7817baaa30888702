import { Anchor, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Region } from '../../anatomy.ts';
import type { Api } from '../../api/client.ts';
import { patientLinks } from '../../components/links.ts';
import { t, tMaybe } from '../../messages/index.ts';
import { screeningsQuery } from '../patients/queries.ts';
import { Notice } from './notice.tsx';

interface Props {
  readonly region: Region;
  readonly barred: Api['BlockerView'];
  readonly session: Api['SessionView'];
}

/** Why nothing can be recorded in a region, with what the screening found there. */
export function Barred({ region, barred, session }: Props) {
  const links = patientLinks(session.patientId);
  const byScreening = barred.code === 'manipulation.not-cleared';
  const { data } = useQuery({ ...screeningsQuery(session.patientId), enabled: byScreening });
  const screening = data?.items.find(({ id }) => id === session.screeningId);
  const findings = screening?.findings.filter(({ regions }) => regions.includes(region)) ?? [];
  return (
    <Notice role="status" icon={<IconLock aria-hidden />} title={t('sessions.barredIn', { region: t(`shortRegions.${region}`) })}>
      <Text size="sm">{barred.message}</Text>
      {byScreening && findings.length > 0 && (
        <Text size="sm">
          {t('sessions.barredBecause', { findings: findings.map(({ code }) => tMaybe('findings', code) ?? code).join(', ') })}
        </Text>
      )}
      <Text size="sm" mt={4}>
        {barred.remedy}
      </Text>
      <Text size="sm" mt="xs">
        <Anchor component={Link} to={byScreening ? links.screening : links.discussion} inherit>
          {t(byScreening ? 'sessions.remedyScreeningAgain' : 'sessions.remedyDiscussion')}
        </Anchor>
      </Text>
    </Notice>
  );
}
