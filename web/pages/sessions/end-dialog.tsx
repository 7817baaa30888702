import { useAct } from '../../api/act.ts';
import { type Api, ask } from '../../api/client.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { notifyDone } from '../../components/notify-done.ts';
import { t } from '../../messages/index.ts';
import { patientKey } from '../patients/queries.ts';
import { sessionKey, standingQuery } from './queries.ts';

interface Props {
  readonly session: Api['SessionView'];
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Ends the session, which can't be reopened. */
export function EndDialog({ session: { id, patientId, manipulations }, opened, onClose }: Props) {
  const end = useAct((_: void, key) => ask((api) => api.POST('/api/sessions/{id}/end', { params: { path: { id } } }), key), {
    changes: [sessionKey(id), standingQuery(id).queryKey, patientKey(patientId)],
    onDone: () => {
      notifyDone(t('sessions.ended'));
      onClose();
    },
  });
  return (
    <ConfirmDialog
      opened={opened}
      title={t('sessions.endTitle')}
      text={t('sessions.endText', { count: manipulations.length })}
      submit={t('sessions.end')}
      running={end.running}
      problem={end.problem}
      onSubmit={() => end.run()}
      onClose={onClose}
    />
  );
}
