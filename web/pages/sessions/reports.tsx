import { Button, Group, Text, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../api/act.ts';
import { type Api, ask } from '../../api/client.ts';
import { useNameOf } from '../../api/colleagues.ts';
import { useMe } from '../../api/session.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { notifyDone } from '../../components/notify-done.ts';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { hasPassed, useTimes } from '../../time.ts';
import { patientKey, reportsQuery } from '../patients/queries.ts';
import classes from './start.module.css';

/** What the patient reported last and what stands, each with its words; a slip can be retracted by the person who recorded it. */
export function Reports({ patientId }: { readonly patientId: string }) {
  const me = useMe();
  const nameOf = useNameOf();
  const times = useTimes();
  const [retracting, setRetracting] = useState<string>();
  const standing = (useQuery(reportsQuery(patientId)).data?.items ?? []).filter(
    ({ screeningId, consentId, retractedAt }) => retractedAt === null && (screeningId ?? consentId) !== null,
  );
  const last = (['change', 'doubt'] as const).flatMap((kind) => standing.find((report) => report.kind === kind) ?? []);
  if (last.length === 0) return null;
  const isSlip = ({ recordedBy, retractableUntil }: Api['PatientReportView']) => recordedBy === me.id && !hasPassed(retractableUntil);
  return (
    <Section title={t('sessions.reports')}>
      <ul className={classes.blockers}>
        {last.map((report) => (
          <li key={report.id} className={classes.blocker}>
            <div>
              <Text fw={600}>{t(`record.reported.${report.kind}`)}</Text>
              <Text size="sm">“{report.words}”</Text>
              <Text size="sm" c="dimmed">
                {t('sessions.reportedBy', { name: nameOf(report.recordedBy), time: times.dateTime(report.reportedAt) })}
              </Text>
            </div>
            {isSlip(report) && (
              <Group gap="xs">
                <Button variant="subtle" onClick={() => setRetracting(report.id)}>
                  {t('sessions.retract')}
                </Button>
              </Group>
            )}
          </li>
        ))}
      </ul>
      <RetractDialog patientId={patientId} reportId={retracting} onClose={() => setRetracting(undefined)} />
    </Section>
  );
}

interface DialogProps {
  readonly patientId: string;
  readonly reportId: string | undefined;
  readonly onClose: () => void;
}

function RetractDialog({ patientId, reportId, onClose }: DialogProps) {
  const [reason, setReason] = useState('');
  const retract = useAct(
    (body: Api['RetractPatientReport'], key) =>
      ask(
        (api) =>
          api.POST('/api/patients/{id}/reports/{reportId}/retraction', {
            params: { path: { id: patientId, reportId: reportId ?? '' } },
            body,
          }),
        key,
      ),
    {
      changes: [patientKey(patientId), ['standing']],
      onDone: () => {
        notifyDone(t('sessions.retracted'));
        setReason('');
        onClose();
      },
    },
  );
  return (
    <ConfirmDialog
      opened={reportId !== undefined}
      title={t('sessions.retractTitle')}
      text={t('sessions.retractText')}
      submit={t('sessions.retractSubmit')}
      running={retract.running}
      problem={retract.problem}
      atFields={['reason']}
      onSubmit={() => retract.run({ reason })}
      onClose={onClose}
    >
      <Textarea
        label={t('sessions.retractReason')}
        error={retract.problem?.errors.find(({ field }) => field === 'reason')?.message}
        required
        size="md"
        autosize
        minRows={2}
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ConfirmDialog>
  );
}
