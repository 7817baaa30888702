import { Button, Group } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useAct } from '../../../api/act.ts';
import { ask } from '../../../api/client.ts';
import { Empty } from '../../../components/empty.tsx';
import { Loaded } from '../../../components/loaded.tsx';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { Section } from '../../../components/section.tsx';
import { TextLink } from '../../../components/text-link.tsx';
import { t } from '../../../messages/index.ts';
import { isUnderWay, LOG, VERIFICATIONS, verificationQuery, verificationsQuery } from './queries.ts';
import { readSearch } from './search.ts';
import { VerificationResult } from './verification-result.tsx';

const route = getRouteApi('/shell/administration/log');

/** Starts a verification, shows how far it is, and what it found: the newest, or the one that the address names. */
export function VerificationSection() {
  // The router leaves in what isn't one of ours.
  const { verification: chosen } = readSearch({ ...route.useSearch() });
  const navigate = useNavigate();
  const client = useQueryClient();
  const list = useQuery(verificationsQuery);
  const newest = list.data?.items[0];
  const id = chosen ?? newest?.id;
  const query = useQuery({ ...verificationQuery(id ?? ''), enabled: id !== undefined });
  const start = useAct(() => ask((api) => api.POST('/api/audit/verifications')), {
    changes: [VERIFICATIONS],
    onDone: (verification) => {
      client.setQueryData(verificationQuery(verification.id).queryKey, verification);
      void navigate({ to: '/administration/log', search: {}, resetScroll: false });
    },
  });
  const underWay = query.data !== undefined && isUnderWay(query.data);
  const listed = list.data?.items.find((verification) => verification.id === id);
  /** It ended since the list came, and the state of the log may have changed with it. */
  const outdated = query.data !== undefined && !underWay && listed !== undefined && isUnderWay(listed);
  useEffect(() => {
    if (outdated) void client.invalidateQueries({ queryKey: LOG, predicate: ({ queryKey }) => queryKey[2] !== 'verification' });
  }, [client, outdated]);
  return (
    <Section title={t('log.verification')} hint={t('log.verificationHint')}>
      <Group className="no-print">
        <Button
          leftSection={<IconShieldCheck size={18} aria-hidden />}
          loading={start.running}
          disabled={underWay}
          onClick={() => start.run()}
        >
          {t(newest ? 'log.verifyAgain' : 'log.verify')}
        </Button>
        {chosen !== undefined && chosen !== newest?.id && (
          <TextLink to="/administration/log" search={{}} resetScroll={false} size="sm">
            {t('log.toNewest')}
          </TextLink>
        )}
      </Group>
      <ProblemPanel problem={start.problem} />
      {id === undefined ? (
        <Loaded queries={[list]}>{() => <Empty level={3} title={t('log.noHistory')} hint={t('log.noHistoryHint')} />}</Loaded>
      ) : (
        <Loaded queries={[query]}>{(verification) => <VerificationResult verification={verification} />}</Loaded>
      )}
    </Section>
  );
}
