import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { withWords } from '../../messages/index.ts';
import { patientRoute } from '../patients/routes.ts';
import { shellRoute } from '../roots.ts';

/** Below patientRoute. */
export const sessionStartPages = [
  createRoute({
    getParentRoute: () => patientRoute,
    path: '/session',
    component: lazyRouteComponent(
      withWords(() => import('./start-page.tsx'), 'record', 'sessions'),
      'StartPage',
    ),
  }),
] as const;

export const sessionRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/sessions/$sessionId',
    component: lazyRouteComponent(
      withWords(() => import('./session-page.tsx'), 'consents', 'findings', 'sessions'),
      'SessionPage',
    ),
  }),
] as const;
