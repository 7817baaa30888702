import { Stack, Text } from '@mantine/core';
import type { Api } from '../../api/client.ts';
import { SignatureImage } from '../../components/signature-image.tsx';
import { t } from '../../messages/index.ts';

/** The signature, and the witness's. */
export function Signatures({ consent: { signature, witness } }: { readonly consent: Api['ConsentView'] }) {
  return (
    <Stack gap="md">
      {signature ? <Signed name={signature.name} strokes={signature.strokes} /> : <Text c="dimmed">{t('consents.unsigned')}</Text>}
      {signature && (
        <Text size="sm" c="dimmed">
          {t('consents.simple')}
        </Text>
      )}
      {witness && (
        <div>
          <Text fw={600} size="sm" mb="xs">
            {t('consents.witness')}
          </Text>
          <Signed name={witness.name} strokes={witness.strokes ?? []} />
        </div>
      )}
    </Stack>
  );
}

function Signed({ name, strokes }: { readonly name: string; readonly strokes: number[][][] }) {
  if (strokes.length === 0) return <Text>{t('consents.typed', { name })}</Text>;
  return (
    <figure style={{ margin: 0 }}>
      <SignatureImage strokes={strokes} label={t('consents.signatureOf', { name })} />
      <figcaption>{name}</figcaption>
    </figure>
  );
}
