import { deferred } from './deferred.tsx';
import { Gate } from './gate.tsx';

/** Menus and the like, which nobody needs who isn't signed in yet. */
const Frame = deferred(() => import('./frame.tsx').then(({ Frame }) => Frame));

/** Parent of every page for people who are signed in. */
export function Shell() {
  return (
    <Gate>
      <Frame />
    </Gate>
  );
}
