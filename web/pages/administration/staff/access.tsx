import { Button, Stack } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { ask } from '../../../api/client.ts';
import { refreshLogin, useMe } from '../../../api/session.ts';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { notifyDone } from '../../../components/notify-done.ts';
import { Row } from '../../../components/row.tsx';
import { Section } from '../../../components/section.tsx';
import { t } from '../../../messages/index.ts';
import { InvitationSent } from './invitation-sent.tsx';
import { type Person, STAFF } from './queries.ts';

const RENEWALS = {
  invited: ['staff.renewInvited', 'staff.renewInvitedHint'],
  active: ['staff.renewActive', 'staff.renewActiveHint'],
  inactive: ['staff.renewInactive', 'staff.renewInactiveHint'],
} as const;

/** New links, and the end of somebody's place in the clinic. */
export function Access({ person }: { readonly person: Person }) {
  const { id, name, status } = person;
  const me = useMe();
  const [sure, setSure] = useState<'renew' | 'deactivate'>();
  const close = () => setSure(undefined);
  const renew = useAct(() => ask((api) => api.POST('/api/staff/{id}/invitation', { params: { path: { id } } })), {
    changes: [STAFF],
    onDone: close,
  });
  const deactivate = useAct(() => ask((api) => api.POST('/api/staff/{id}/deactivation', { params: { path: { id } } })), {
    changes: id === me.id ? [] : [STAFF],
    onDone: () => {
      close();
      notifyDone(t('staff.deactivated', { name }));
      if (id === me.id) void refreshLogin();
    },
  });
  const [renewal, renewalHint] = RENEWALS[status];
  const [end, endHint, endTitle] =
    status === 'invited'
      ? [t('staff.callBack'), t('staff.callBackHint'), t('staff.callBackTitle', { name })]
      : [t('staff.deactivate'), t('staff.deactivateHint'), t('staff.deactivateTitle', { name })];
  return (
    <Section title={t('staff.access')}>
      <Stack gap={0}>
        <Row title={t(renewal)} text={t(renewalHint)}>
          <Button variant="default" onClick={() => setSure('renew')}>
            {t(renewal)}
          </Button>
        </Row>
        {status !== 'inactive' && (
          <Row title={end} text={endHint}>
            <Button variant="default" onClick={() => setSure('deactivate')}>
              {end}
            </Button>
          </Row>
        )}
      </Stack>
      <ConfirmDialog
        opened={sure === 'renew'}
        title={t('staff.renewTitle', { name })}
        text={t(renewalHint)}
        submit={t(renewal)}
        running={renew.running}
        problem={renew.problem}
        onSubmit={() => renew.run()}
        onClose={close}
      />
      <ConfirmDialog
        opened={sure === 'deactivate'}
        title={endTitle}
        text={id === me.id ? t('staff.deactivateSelf') : endHint}
        submit={end}
        running={deactivate.running}
        problem={deactivate.problem}
        onSubmit={() => deactivate.run()}
        onClose={close}
      />
      {renew.result && <InvitationSent name={name} sent={renew.result} onClose={renew.reset} />}
    </Section>
  );
}
