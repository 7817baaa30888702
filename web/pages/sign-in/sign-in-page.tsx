import { useQuery } from '@tanstack/react-query';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { Problem } from '../../api/problem.ts';
import { loginQuery } from '../../api/session.ts';
import { Loaded } from '../../components/loaded.tsx';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { WayIn } from './way-in.tsx';

/** The sign-in, at its own address, or in place of any page for who isn't signed in, or over it. */
export function SignInPage() {
  const query = useQuery(loginQuery);
  const { pathname, search } = useRouterState({ select: ({ location }) => location });
  const navigate = useNavigate();
  const alone = pathname === '/sign-in';
  const done = alone && query.data?.state === 'full';
  useEffect(() => {
    if (done) void navigate({ to: '/', replace: true });
  }, [done, navigate]);
  const { problem } = search;
  return (
    <Loaded queries={[query]}>
      {(login) => (
        <WayIn login={login}>
          {alone && problem && <ProblemPanel problem={new Problem({ code: problem, status: 403, title: 'That didn’t work.' })} />}
        </WayIn>
      )}
    </Loaded>
  );
}
