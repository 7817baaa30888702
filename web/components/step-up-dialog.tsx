import { Modal, Text } from '@mantine/core';
import { setLogin, useLogin } from '../api/session.ts';
import type { Pending } from '../api/step-up.ts';
import { t } from '../messages/index.ts';
import { ProofForm } from './proof.tsx';
import { typedProofs } from './typed-proofs.ts';

/** Asks who it is before an act that needs a fresh authentication. The act goes on afterwards, or was never done. */
export function StepUpDialog({ pending }: { readonly pending: Pending }) {
  const login = useLogin();
  return (
    <Modal opened={login?.state === 'full'} onClose={() => pending.settle(false)} title={t('signIn.confirm')} zIndex={400}>
      <Text size="sm" mb="md">
        {t('signIn.confirmHint')}
      </Text>
      {login && (
        <ProofForm
          login={login}
          typed={typedProofs(login)}
          submit={t('signIn.confirmSubmit')}
          onProved={(next) => {
            void setLogin(next);
            pending.settle(true);
          }}
        />
      )}
    </Modal>
  );
}
