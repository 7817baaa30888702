import { Page } from '../../../components/page.tsx';
import { t } from '../../../messages/index.ts';
import { Versions } from './versions.tsx';

/** What patients are told and asked, in each language, with every version of it. */
export function TextsPage() {
  return (
    <Page title={t('texts.title')}>
      <Versions kind="disclosures" />
      <Versions kind="questionnaires" />
    </Page>
  );
}
