import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { patientRoute } from '../patients/routes.ts';
import { shellRoute } from '../roots.ts';

/** Below patientRoute. */
export const sessionStartPages = [
  createRoute({
    getParentRoute: () => patientRoute,
    path: '/session',
    component: lazyRouteComponent(() => import('./start-page.tsx'), 'StartPage'),
  }),
] as const;

export const sessionRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/sessions/$sessionId',
    component: lazyRouteComponent(() => import('./session-page.tsx'), 'SessionPage'),
  }),
] as const;
