import { Stack } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { Api } from '../../api/client.ts';
import { Loaded } from '../../components/loaded.tsx';
import { IdentityHeader } from '../patients/identity-header.tsx';
import { patientKey, patientQuery } from '../patients/queries.ts';
import { EndedSession } from './ended-session.tsx';
import { OpenSession } from './open-session.tsx';
import { sessionKey, sessionQuery, standingQuery } from './queries.ts';

/** One session, under the same header as all pages about its patient. */
export function SessionPage() {
  const { sessionId } = useParams({ from: '/shell/sessions/$sessionId' });
  const query = useQuery(sessionQuery(sessionId));
  return (
    <Loaded queries={[query]} lines={12}>
      {(session) => <KnownSession key={session.id} session={session} />}
    </Loaded>
  );
}

function KnownSession({ session }: { readonly session: Api['SessionView'] }) {
  const patient = useQuery(patientQuery(session.patientId));
  return (
    <Stack gap="lg">
      <IdentityHeader patientId={session.patientId} patient={patient.data} />
      {session.endedAt ? <EndedSession session={session} /> : <Watched session={session} />}
    </Stack>
  );
}

function Watched({ session }: { readonly session: Api['SessionView'] }) {
  const query = useQuery(standingQuery(session.id));
  useNews(session, query.data);
  return (
    <Loaded queries={[query]} lines={12}>
      {(standing) => <OpenSession session={session} standing={standing} connected={!query.isError} />}
    </Loaded>
  );
}

/** What another page did: it recorded something, or ended the session. */
function useNews({ id, patientId, manipulations }: Api['SessionView'], standing: Api['StandingView'] | undefined): void {
  const client = useQueryClient();
  const happened = standing !== undefined && (!standing.open || standing.manipulations > manipulations.length);
  // Another one each time that more was recorded.
  const news = happened ? `${standing.open} ${standing.manipulations}` : undefined;
  useEffect(() => {
    if (news === undefined) return;
    void client.invalidateQueries({ queryKey: sessionKey(id) });
    void client.invalidateQueries({ queryKey: patientKey(patientId) });
  }, [news, client, id, patientId]);
}
