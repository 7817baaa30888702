import { Alert } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { useMay } from '../../api/session.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Page } from '../../components/page.tsx';
import { t } from '../../messages/index.ts';
import { screeningsQuery } from '../patients/queries.ts';
import { questionnaireQuery } from './queries.ts';
import { Questions } from './questions.tsx';
import { Result } from './result.tsx';

const FROM = { from: '/shell/patients/$patientId/screening' } as const;

/** Screens a patient; with `?screening=` shows what a screening found. */
export function ScreeningPage() {
  const { patientId } = useParams(FROM);
  const { screening } = useSearch(FROM);
  const may = useMay();
  if (!may('clinical.read') || (!screening && !may('screening.record'))) {
    return (
      <Page title={t('screening.title')}>
        <Alert title={t('screening.notYours')}>{t('screening.notYoursHint')}</Alert>
      </Page>
    );
  }
  return screening ? <Found patientId={patientId} id={screening} /> : <Ask patientId={patientId} />;
}

function Ask({ patientId }: { readonly patientId: string }) {
  const questionnaire = useQuery(questionnaireQuery);
  const screenings = useQuery(screeningsQuery(patientId));
  return (
    <Page title={questionnaire.data?.title ?? t('screening.title')}>
      <Loaded queries={[questionnaire, screenings]} lines={8}>
        {(questions, { items }) => <Questions patientId={patientId} questionnaire={questions} last={items[0]} />}
      </Loaded>
    </Page>
  );
}

function Found({ patientId, id }: { readonly patientId: string; readonly id: string }) {
  const screenings = useQuery(screeningsQuery(patientId));
  return (
    <Page title={t('screening.recordedTitle')}>
      <Loaded queries={[screenings]} lines={8}>
        {({ items }) => {
          const screening = items.find((one) => one.id === id);
          if (screening) return <Result screening={screening} newest={screening === items[0]} />;
          return (
            <Alert title={t('screening.gone')}>
              <ButtonLink to="/patients/$patientId" params={{ patientId }} variant="default">
                {t('screening.toPatient')}
              </ButtonLink>
            </Alert>
          );
        }}
      </Loaded>
    </Page>
  );
}
