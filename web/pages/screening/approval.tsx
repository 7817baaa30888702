import { Button, Stack, Text, Textarea } from '@mantine/core';
import { useAct } from '../../api/act.ts';
import { type Api, ask } from '../../api/client.ts';
import { useMay, useMe } from '../../api/session.ts';
import { notifyDone } from '../../components/notify-done.ts';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { Section } from '../../components/section.tsx';
import { useDraftForm } from '../../components/use-draft-form.ts';
import { t } from '../../messages/index.ts';
import { patientKey } from '../patients/queries.ts';

const NOTHING_YET = { reason: '' };

/** A second practitioner accepts the relative findings; the practitioner who screened is shown who can. */
export function Approval({ screening: { id, patientId, performedBy } }: { readonly screening: Api['ScreeningView'] }) {
  const me = useMe();
  const may = useMay();
  const form = useDraftForm(`approval of ${id}`, NOTHING_YET);
  const approve = useAct(
    (body: Api['ApproveScreening'], key) =>
      ask((api) => api.POST('/api/screenings/{id}/approval', { params: { path: { id } }, body }), key),
    {
      form,
      changes: [patientKey(patientId)],
      onDone: () => {
        form.forget();
        notifyDone(t('screening.approved'));
      },
    },
  );
  if (!may('screening.approve') || performedBy === me.id) {
    return (
      <Section title={t('screening.approvalTitle')}>
        <Text>{t(may('screening.approve') ? 'screening.approvalByOther' : 'screening.approvalNotYours')}</Text>
      </Section>
    );
  }
  return (
    <Section title={t('screening.approvalTitle')} hint={t('screening.approvalHint')}>
      <form onSubmit={form.onSubmit(approve.run)}>
        <Stack maw={640} align="flex-start">
          <Textarea
            size="md"
            label={t('screening.approvalReason')}
            {...form.getInputProps('reason')}
            maxLength={4000}
            autosize
            minRows={3}
            w="100%"
            required
            withAsterisk={false}
          />
          <ProblemPanel problem={approve.problem} atFields={['reason']} />
          <Button type="submit" loading={approve.running}>
            {t('screening.approve')}
          </Button>
        </Stack>
      </form>
    </Section>
  );
}
