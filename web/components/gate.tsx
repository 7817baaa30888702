import { Container } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Fragment, type ReactNode, useEffect, useRef } from 'react';
import { loginQuery, whosePage } from '../api/session.ts';
import { SignInPage } from '../pages/sign-in/sign-in-page.tsx';
import { Cover } from './cover.tsx';
import { Loaded } from './loaded.tsx';
import { useIdleLock } from './use-idle-lock.ts';

/**
 * Shows the pages to people who are signed in. Others sign in at the address that they opened. When the session locks or ends, the page
 * is hidden with everything that was typed, and comes back for the same person only.
 */
export function Gate({ children }: { readonly children: ReactNode }) {
  const query = useQuery(loginQuery);
  const login = query.data;
  const full = login?.state === 'full';
  const owner = full ? login.me?.id : whosePage();
  useStartForSomebodyElse(owner);
  useIdleLock(full ? login.idleMinutes : undefined);
  if (login === undefined) {
    return (
      <Container component="main" size="sm" py="xl">
        <Loaded queries={[query]}>{() => null}</Loaded>
      </Container>
    );
  }
  if (!owner) return <SignInPage />;
  return (
    <Fragment key={owner}>
      <div hidden={!full}>{children}</div>
      {!full && (
        <Cover>
          <SignInPage />
        </Cover>
      )}
    </Fragment>
  );
}

/** The address may name what isn't for this person's eyes. */
function useStartForSomebodyElse(owner: string | undefined): void {
  const navigate = useNavigate();
  const before = useRef(owner);
  useEffect(() => {
    if (before.current && owner && before.current !== owner) void navigate({ to: '/' });
    before.current = owner ?? before.current;
  }, [owner, navigate]);
}
