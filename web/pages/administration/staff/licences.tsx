import { Badge, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { type Api, ask } from '../../../api/client.ts';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { notifyDone } from '../../../components/notify-done.ts';
import { Row } from '../../../components/row.tsx';
import { Section } from '../../../components/section.tsx';
import { t, tMaybe } from '../../../messages/index.ts';
import { type Times, useTimes } from '../../../time.ts';
import { LicenceBadge } from './licence-badge.tsx';
import { LicenceDialog } from './licence-dialog.tsx';
import { stateOf } from './licence-state.ts';
import { type Licence, type Person, STAFF } from './queries.ts';

const STATES = {
  valid: 'staff.stateValid',
  expired: 'staff.stateExpired',
  revoked: 'staff.stateRevoked',
  future: 'staff.stateFuture',
} as const;

/** What permits somebody to treat. */
export function Licences({ person }: { readonly person: Person }) {
  const [adding, setAdding] = useState(0);
  const [revoked, setRevoked] = useState<Licence>();
  const { licences, name, role } = person;
  return (
    <Section title={t('staff.licences')} hint={t('staff.licencesHint')}>
      {role === 'practitioner' && <LicenceBadge licences={licences} />}
      {licences.length === 0 && <Text size="sm">{t('staff.noLicencesHint', { name })}</Text>}
      <Stack gap={0}>
        {licences.map((licence) => (
          <LicenceRow key={licence.id} licence={licence} onRevoke={() => setRevoked(licence)} />
        ))}
      </Stack>
      {role === 'practitioner' && (
        <Group>
          <Button variant="default" onClick={() => setAdding((count) => count + 1)}>
            {t('staff.addLicence')}
          </Button>
        </Group>
      )}
      {adding > 0 && <LicenceDialog key={adding} person={person} />}
      {revoked && <RevokeDialog key={revoked.id} licence={revoked} onClose={() => setRevoked(undefined)} />}
    </Section>
  );
}

function LicenceRow({ licence, onRevoke }: { readonly licence: Licence; readonly onRevoke: () => void }) {
  const times = useTimes();
  const { number, authority, profession } = licence;
  const state = stateOf(licence);
  return (
    <Row
      title={`${authority} ${number}`}
      text={[tMaybe('professions', profession), periodOf(licence, times)].join(' · ')}
      badge={
        <Badge variant="light" color={state === 'valid' ? 'pine' : 'gray'} tt="none">
          {t(STATES[state])}
        </Badge>
      }
    >
      {state !== 'revoked' && state !== 'expired' && (
        <Button variant="subtle" size="sm" onClick={onRevoke} aria-label={t('staff.revokeOf', { number })}>
          {t('staff.revoke')}
        </Button>
      )}
    </Row>
  );
}

function periodOf({ validFrom, validUntil, revokedAt, revocationReason }: Licence, times: Times): string {
  if (revokedAt !== null) return t('staff.revokedBecause', { date: times.date(revokedAt), reason: revocationReason ?? '' });
  const from = validFrom === null ? '' : times.date(validFrom);
  return validUntil === null ? t('staff.periodOpen', { from }) : t('staff.period', { from, until: times.lastDay(validUntil) });
}

function RevokeDialog({ licence, onClose }: { readonly licence: Licence; readonly onClose: () => void }) {
  const form = useForm({ initialValues: { reason: '' } });
  const revoke = useAct(
    (body: Api['RevokeLicence']) => ask((api) => api.POST('/api/licences/{id}/revocation', { params: { path: { id: licence.id } }, body })),
    {
      form,
      changes: [STAFF],
      onDone: () => {
        onClose();
        notifyDone(t('staff.licenceRevoked'));
      },
    },
  );
  return (
    <ConfirmDialog
      opened
      title={t('staff.revokeTitle', { number: licence.number })}
      text={t('staff.revokeText')}
      submit={t('staff.revoke')}
      running={revoke.running}
      problem={revoke.problem}
      atFields={['reason']}
      onSubmit={form.onSubmit(revoke.run)}
      onClose={onClose}
    >
      <Textarea size="md" label={t('staff.reason')} {...form.getInputProps('reason')} autosize minRows={2} maxLength={1000} />
    </ConfirmDialog>
  );
}
