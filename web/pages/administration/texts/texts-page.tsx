import { Page } from '../../../components/page.tsx';
import { t } from '../../../messages/index.ts';
import { Versions } from './versions.tsx';

/** The disclosure and the questionnaire, in each language, with every version. */
export function TextsPage() {
  return (
    <Page title={t('texts.title')}>
      <Versions kind="disclosures" />
      <Versions kind="questionnaires" />
    </Page>
  );
}
