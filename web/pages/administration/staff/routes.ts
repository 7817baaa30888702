import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { administrationRoute } from '../administration-route.ts';

export const staffRoutes = [
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/staff',
    component: lazyRouteComponent(() => import('./staff-page.tsx'), 'StaffPage'),
  }),
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/staff/$staffId',
    component: lazyRouteComponent(() => import('./person-page.tsx'), 'PersonPage'),
  }),
] as const;
