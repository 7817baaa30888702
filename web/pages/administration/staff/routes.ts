import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { withWords } from '../../../messages/index.ts';
import { administrationRoute } from '../administration-route.ts';

export const staffRoutes = [
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/staff',
    component: lazyRouteComponent(
      withWords(() => import('./staff-page.tsx'), 'staff'),
      'StaffPage',
    ),
  }),
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/staff/$staffId',
    component: lazyRouteComponent(
      withWords(() => import('./person-page.tsx'), 'staff'),
      'PersonPage',
    ),
  }),
] as const;
