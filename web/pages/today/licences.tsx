import { Text } from '@mantine/core';
import type { Api } from '../../api/client.ts';
import { useMay } from '../../api/session.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { staffLink } from '../../components/links.ts';
import { Row } from '../../components/row.tsx';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { hasPassed, useTimes } from '../../time.ts';

/** An administrator records the new one; a practitioner has to ask for it in time. */
export function Licences({ licences }: { readonly licences: readonly Api['TodayLicence'][] }) {
  const times = useTimes();
  const may = useMay();
  if (licences.length === 0) return null;
  return (
    <Section title={t(may('staff.manage') ? 'today.licences' : 'today.myLicence')}>
      <div>
        {licences.map(({ id, practitionerName, authority, number, until }) => {
          const values = { authority, number, date: times.lastDay(until) };
          return (
            <Row key={id} title={practitionerName} text={t(hasPassed(until) ? 'today.licenceEnded' : 'today.licenceUntil', values)}>
              {may('staff.manage') && (
                <ButtonLink
                  to={staffLink}
                  variant="default"
                  size="sm"
                  aria-label={t('today.openOf', { action: t('today.renewLicence'), name: practitionerName })}
                >
                  {t('today.renewLicence')}
                </ButtonLink>
              )}
            </Row>
          );
        })}
      </div>
      {!may('staff.manage') && <Text size="sm">{t('today.askForLicence')}</Text>}
    </Section>
  );
}
