import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Loaded } from '../../../components/loaded.tsx';
import { Row } from '../../../components/row.tsx';
import { Section } from '../../../components/section.tsx';
import { TextLink } from '../../../components/text-link.tsx';
import { t } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { type Verification, verificationsQuery } from './queries.ts';

/** The newest twenty, each with its result. Nothing before the second. */
export function VerificationHistory() {
  const query = useQuery(verificationsQuery);
  const times = useTimes();
  if ((query.data?.items.length ?? 0) < 2) return null;
  return (
    <Section title={t('log.history')}>
      <Loaded queries={[query]}>
        {({ items }) => (
          <Stack gap={0}>
            {items.slice(1).map((verification) => {
              const when = times.dateTime(verification.requestedAt);
              return (
                <Row key={verification.id} title={when} text={resultOf(verification)}>
                  <TextLink
                    to="/administration/log"
                    search={{ verification: verification.id }}
                    resetScroll={false}
                    size="sm"
                    aria-label={t('log.showOf', { when })}
                  >
                    {t('log.show')}
                  </TextLink>
                </Row>
              );
            })}
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}

function resultOf({ state, findingCount }: Verification): string {
  return state === 'altered' ? t('log.results.altered', { count: findingCount }) : t(`log.results.${state}`);
}
