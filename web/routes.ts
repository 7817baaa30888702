import { createRouter } from '@tanstack/react-router';
import { accountRoutes } from './pages/account/routes.ts';
import { administrationRoutes } from './pages/administration/routes.ts';
import { consentPages } from './pages/consents/routes.ts';
import { discussionPages } from './pages/discussion/routes.ts';
import { patientPages, patientRoute, patientsRoutes } from './pages/patients/routes.ts';
import { rootRoute, shellRoute } from './pages/roots.ts';
import { screeningPages } from './pages/screening/routes.ts';
import { sessionRoutes, sessionStartPages } from './pages/sessions/routes.ts';
import { signInRoutes } from './pages/sign-in/routes.ts';
import { todayRoutes } from './pages/today/routes.ts';
import { turnRoutes } from './pages/turn/routes.ts';

/** Every page. Those in the shell are for people who are signed in; each loads its script when it is first wanted. */
const routeTree = rootRoute.addChildren([
  shellRoute.addChildren([
    ...todayRoutes,
    ...accountRoutes,
    ...administrationRoutes,
    ...patientsRoutes,
    // Pages about one patient.
    patientRoute.addChildren([...patientPages, ...screeningPages, ...discussionPages, ...sessionStartPages, ...consentPages]),
    ...sessionRoutes,
  ]),
  ...signInRoutes,
  ...turnRoutes,
]);

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  scrollRestoration: true,
  // Another patient is another page: what was opened or typed for one is not to act on the other.
  defaultRemountDeps: ({ params }) => params,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
