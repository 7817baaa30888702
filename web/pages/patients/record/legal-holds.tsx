import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { ask } from '../../../api/client.ts';
import { useMay } from '../../../api/session.ts';
import { Loaded } from '../../../components/loaded.tsx';
import { notifyDone } from '../../../components/notify-done.ts';
import { Row } from '../../../components/row.tsx';
import { t } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { legalHoldsQuery, patientKey } from '../queries.ts';
import { ReasonDialog } from './reason-dialog.tsx';

/** What keeps the record from being erased. Lifted holds stay on record. */
export function LegalHolds({ patientId }: { readonly patientId: string }) {
  const times = useTimes();
  const may = useMay();
  const query = useQuery(legalHoldsQuery(patientId));
  const [open, setOpen] = useState<'place' | { readonly lift: string }>();
  const done = (message: string) => ({
    changes: [patientKey(patientId)],
    onDone: () => {
      setOpen(undefined);
      notifyDone(message);
    },
  });
  const place = useAct(
    (reason: string) => ask((api) => api.POST('/api/patients/{id}/legal-holds', { params: { path: { id: patientId } }, body: { reason } })),
    done(t('record.holdPlaced')),
  );
  const holdId = typeof open === 'object' ? open.lift : '';
  const lift = useAct(
    (reason: string) => ask((api) => api.POST('/api/legal-holds/{id}/lift', { params: { path: { id: holdId } }, body: { reason } })),
    done(t('record.holdLifted')),
  );
  return (
    <Stack gap="xs">
      <div>
        <Title order={3} size="h5">
          {t('record.holds')}
        </Title>
        <Text size="sm" c="dimmed">
          {t('record.holdsHint')}
        </Text>
      </div>
      <Loaded queries={[query]} lines={1}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm">{t('record.noHolds')}</Text>
          ) : (
            <Stack gap={0}>
              {items.map(({ id, reason, placedAt, liftedAt, liftReason }) => (
                <Row
                  key={id}
                  title={reason}
                  text={
                    liftedAt === null
                      ? t('record.heldSince', { date: times.date(placedAt) })
                      : t('record.heldFromTo', { from: times.date(placedAt), to: times.date(liftedAt), reason: liftReason ?? '' })
                  }
                >
                  {liftedAt === null && may('legal-hold.manage') && (
                    <Button variant="subtle" size="sm" onClick={() => setOpen({ lift: id })}>
                      {t('record.liftHold')}
                    </Button>
                  )}
                </Row>
              ))}
            </Stack>
          )
        }
      </Loaded>
      {may('legal-hold.manage') && (
        <Group className="no-print">
          <Button variant="default" onClick={() => setOpen('place')}>
            {t('record.placeHold')}
          </Button>
        </Group>
      )}
      <ReasonDialog
        key={`place ${open === 'place'}`}
        opened={open === 'place'}
        title={t('record.placeHold')}
        hint={t('record.holdsHint')}
        label={t('record.holdReason')}
        submit={t('record.placeHold')}
        act={place}
        onClose={() => setOpen(undefined)}
      />
      <ReasonDialog
        key={`lift ${holdId}`}
        opened={holdId !== ''}
        title={t('record.liftHoldTitle')}
        label={t('record.liftReason')}
        submit={t('record.liftHoldTitle')}
        act={lift}
        onClose={() => setOpen(undefined)}
      />
    </Stack>
  );
}
