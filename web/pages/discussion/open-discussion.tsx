import { Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { regionName, techniqueNames } from '../../anatomy.ts';
import type { Api } from '../../api/client.ts';
import { useNameOf } from '../../api/colleagues.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { discussionQuery } from './queries.ts';

/** A discussion that was begun and waits for a decision: most often it is to be continued, not begun again. */
export function OpenDiscussion({ discussion }: { readonly discussion: Api['DiscussionSummary'] }) {
  const times = useTimes();
  const nameOf = useNameOf();
  const { id, patientId, regions, techniques, openedAt, practitionerId } = discussion;
  const risks = useQuery(discussionQuery(patientId, id)).data?.risks;
  return (
    <Section title={t('discussion.openTitle')} hint={t('discussion.openHint')}>
      <Group justify="space-between">
        <div>
          <Text fw={500}>
            {t('discussion.proposed', {
              regions: regions.map(regionName).join(', '),
              techniques: techniqueNames(techniques),
            })}
          </Text>
          <Text size="sm" c="dimmed">
            {t('discussion.openSince', { date: times.dateTime(openedAt), name: nameOf(practitionerId) })}
            {risks &&
              ` · ${t('discussion.progress', { done: risks.filter(({ discussedAt }) => discussedAt !== null).length, total: risks.length })}`}
          </Text>
        </div>
        <ButtonLink to="/patients/$patientId/discussion/$discussionId" params={{ patientId, discussionId: id }}>
          {t('discussion.continue')}
        </ButtonLink>
      </Group>
    </Section>
  );
}
