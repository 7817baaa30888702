import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { patientRoute } from '../patients/routes.ts';

/** Below patientRoute. */
export const consentPages = [
  createRoute({
    getParentRoute: () => patientRoute,
    path: '/consents/$consentId',
    component: lazyRouteComponent(() => import('./consent-page.tsx'), 'ConsentPage'),
  }),
] as const;
