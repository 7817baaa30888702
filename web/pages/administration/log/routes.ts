import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { administrationRoute } from '../administration-route.ts';

export const logRoutes = [
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/log',
    component: lazyRouteComponent(() => import('./log-page.tsx'), 'LogPage'),
  }),
] as const;
