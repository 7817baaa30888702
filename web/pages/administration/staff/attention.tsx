import { Alert, Group, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { Section } from '../../../components/section.tsx';
import { TextLink } from '../../../components/text-link.tsx';
import { t } from '../../../messages/index.ts';
import { LicenceBadge } from './licence-badge.tsx';
import { licenceState, needsAttention } from './licence-state.ts';
import type { Person } from './queries.ts';
import classes from './attention.module.css';

interface Props {
  readonly people: readonly Person[];
  /** Nobody else was ever invited. */
  readonly alone: boolean;
}

/** What there is to do: the first invitations, then licences that end soon or are missing. */
export function Attention({ people, alone }: Props) {
  if (alone) {
    return (
      <Alert color="pine" variant="light" icon={<IconInfoCircle aria-hidden />} title={t('staff.alone')}>
        <Text size="sm">{t('staff.aloneHint')}</Text>
      </Alert>
    );
  }
  const due = people.filter(({ role, licences }) => role === 'practitioner' && needsAttention(licenceState(licences)));
  if (due.length === 0) return null;
  return (
    <Section title={t('staff.soon', { count: due.length })} hint={t('staff.soonHint')}>
      <ul className={classes.list}>
        {due.map(({ id, name, licences }) => (
          <li key={id}>
            <Group gap="xs">
              <TextLink to="/administration/staff/$staffId" params={{ staffId: id }} miw="11rem" size="sm" underline="always">
                {name}
              </TextLink>
              <LicenceBadge licences={licences} />
            </Group>
          </li>
        ))}
      </ul>
    </Section>
  );
}
