import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { withWords } from '../../messages/index.ts';
import { patientRoute } from '../patients/routes.ts';

/** Below patientRoute. */
export const consentPages = [
  createRoute({
    getParentRoute: () => patientRoute,
    path: '/consents/$consentId',
    component: lazyRouteComponent(
      withWords(() => import('./consent-page.tsx'), 'consents', 'endReasons'),
      'ConsentPage',
    ),
  }),
] as const;
