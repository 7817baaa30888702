import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { Api } from '../../api/client.ts';
import { useMay } from '../../api/session.ts';
import { Loaded } from '../../components/loaded.tsx';
import { Page } from '../../components/page.tsx';
import { t } from '../../messages/index.ts';
import { clearanceQuery, consentsQuery } from '../patients/queries.ts';
import { Missing } from './missing.tsx';
import { Reports } from './reports.tsx';
import { StartForm } from './start-form.tsx';

/** The start of a session: what is missing, or the two questions of each visit. */
export function StartPage() {
  const { patientId } = useParams({ from: '/shell/patients/$patientId/session' });
  const may = useMay();
  const query = useQuery(clearanceQuery(patientId));
  return (
    <Page title={t('sessions.start')}>
      {may('session.record') ? (
        <Loaded queries={[query]} lines={8}>
          {(clearance) => <Start patientId={patientId} clearance={clearance} />}
        </Loaded>
      ) : (
        <Text>{t('sessions.notYours')}</Text>
      )}
    </Page>
  );
}

function Start({ patientId, clearance }: { readonly patientId: string; readonly clearance: Api['ClearanceView'] }) {
  // What the patient reported has just ended it.
  const [wasAllowed] = useState(clearance.allowed);
  const { data } = useQuery({ ...consentsQuery(patientId), enabled: clearance.allowed || clearance.consent.state === 'doubted' });
  const consentId = data?.items.find(({ state }) => state === 'in_force' || state === 'doubted')?.id;
  if (clearance.allowed) return <StartForm patientId={patientId} clearance={clearance} consentId={consentId} />;
  return (
    <>
      <Missing
        refused={wasAllowed}
        patientId={patientId}
        blockers={clearance.blockers}
        openSessionId={clearance.openSessionId}
        consentId={consentId}
      />
      {clearance.blockers.some(({ code }) => code === 'screening.change-reported' || code === 'consent.doubted') && (
        <Reports patientId={patientId} />
      )}
    </>
  );
}
