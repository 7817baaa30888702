import { useMay } from '../../../api/session.ts';
import { Page } from '../../../components/page.tsx';
import { t } from '../../../messages/index.ts';
import { Keys } from './keys.tsx';
import { Policy } from './policy.tsx';
import { SignIns } from './sign-ins.tsx';
import { Sso } from './sso.tsx';

/** How the clinic works here, and who may come in. */
export function SettingsPage() {
  const may = useMay();
  return (
    <Page title={t('settings.title')}>
      <Policy />
      <Sso />
      {may('key.read') && <Keys />}
      {may('audit.read') && <SignIns />}
    </Page>
  );
}
