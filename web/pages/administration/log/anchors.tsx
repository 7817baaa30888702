import { Badge, Stack } from '@mantine/core';
import type { Api } from '../../../api/client.ts';
import { Empty } from '../../../components/empty.tsx';
import { Row } from '../../../components/row.tsx';
import { t } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';

/** The independent copies of the log, and how far each goes. */
export function Anchors({ anchors }: { readonly anchors: readonly Api['AnchorView'][] }) {
  const times = useTimes();
  if (anchors.length === 0) return <Empty level={3} title={t('log.noAnchors')} hint={t('log.noAnchorsHint')} />;
  return (
    <Stack gap={0}>
      {anchors.map(({ name, size, anchoredAt, problem }) => {
        const knows =
          size === null || anchoredAt === null
            ? t('log.anchorNothing')
            : t('log.anchorKnows', { count: size, when: times.dateTime(anchoredAt) });
        return (
          <Row
            key={name}
            title={name}
            text={problem === null ? knows : `${knows}. ${problem}`}
            badge={
              <Badge variant="light" color={problem === null ? 'pine' : 'red'} tt="none">
                {t(problem === null ? 'log.anchorWell' : 'log.anchorProblem')}
              </Badge>
            }
          />
        );
      })}
    </Stack>
  );
}
