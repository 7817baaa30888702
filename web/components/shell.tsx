import { lazy, Suspense } from 'react';
import { Gate } from './gate.tsx';

/** Menus and the like, which nobody needs who isn't signed in yet. */
const Frame = lazy(() => import('./frame.tsx').then(({ Frame }) => ({ default: Frame })));

/** Parent of every page for people who are signed in. */
export function Shell() {
  return (
    <Gate>
      <Suspense>
        <Frame />
      </Suspense>
    </Gate>
  );
}
