import type { Api } from '../../api/client.ts';
import { DescriptionList } from '../../components/description-list.tsx';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import classes from './consent.module.css';

/** What binds the signature to what was shown. */
export function Digests({ consent: { shownSha256, signedSha256 } }: { readonly consent: Api['ConsentView'] }) {
  return (
    <Section title={t('consents.digests')} hint={t('consents.digestsHint')}>
      <DescriptionList
        items={[
          [t('consents.shownSha256'), code(shownSha256)],
          ...(signedSha256 ? ([[t('consents.signedSha256'), code(signedSha256)]] as const) : []),
        ]}
      />
    </Section>
  );
}

const code = (digest: string) => <code className={classes.digest}>{digest}</code>;
