import { Alert, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useMay } from '../../api/session.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Page } from '../../components/page.tsx';
import { t } from '../../messages/index.ts';
import { discussionsQuery, patientQuery, representativesQuery, screeningsQuery } from '../patients/queries.ts';
import { isValidNow } from '../patients/valid-now.ts';
import { OpenDiscussion } from './open-discussion.tsx';
import { Proposal } from './proposal.tsx';
import { languagesQuery } from './queries.ts';

/** Begins a risk discussion. */
export function StartPage() {
  const { patientId } = useParams({ from: '/shell/patients/$patientId/discussion' });
  const may = useMay();
  return (
    <Page title={t('discussion.startTitle')}>
      {may('discussion.record') ? (
        <Start patientId={patientId} />
      ) : (
        <Alert title={t('discussion.notYours')}>{t('discussion.notYoursHint')}</Alert>
      )}
    </Page>
  );
}

function Start({ patientId }: { readonly patientId: string }) {
  const patient = useQuery(patientQuery(patientId));
  const screenings = useQuery(screeningsQuery(patientId));
  const languages = useQuery(languagesQuery);
  const representatives = useQuery(representativesQuery(patientId));
  const discussions = useQuery(discussionsQuery(patientId));
  return (
    <Loaded queries={[patient, screenings, languages, representatives, discussions]} lines={8}>
      {(person, { items: [newest] }, { items: usable }, { items: known }, { items: earlier }) => {
        if (!newest) return <NotScreened patientId={patientId} />;
        const open = earlier.find(({ awaitsDecision }) => awaitsDecision);
        return (
          <Stack gap="lg">
            {open && <OpenDiscussion discussion={open} />}
            <Proposal
              key={person.id}
              patient={person}
              clearedRegions={newest.clearedRegions}
              languages={usable}
              representatives={known.filter(isValidNow)}
            />
          </Stack>
        );
      }}
    </Loaded>
  );
}

function NotScreened({ patientId }: { readonly patientId: string }) {
  return (
    <Alert title={t('discussion.notScreened')}>
      <Stack align="flex-start">
        {t('discussion.notScreenedHint')}
        <ButtonLink to="/patients/$patientId/screening" params={{ patientId }}>
          {t('discussion.toScreening')}
        </ButtonLink>
      </Stack>
    </Alert>
  );
}
