import { Page } from '../../components/page.tsx';
import { t } from '../../messages/index.ts';

export function PatientsPage() {
  return <Page title={t('patients.title')}>{null}</Page>;
}
