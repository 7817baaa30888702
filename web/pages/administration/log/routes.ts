import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { administrationRoute } from '../administration-route.ts';
import { readSearch } from './search.ts';

export const logRoutes = [
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/log',
    validateSearch: readSearch,
    component: lazyRouteComponent(() => import('./log-page.tsx'), 'LogPage'),
  }),
] as const;
