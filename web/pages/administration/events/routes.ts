import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { administrationRoute } from '../administration-route.ts';
import { readSearch } from './search.ts';

export const eventRoutes = [
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/events',
    validateSearch: readSearch,
    component: lazyRouteComponent(() => import('./events-page.tsx'), 'EventsPage'),
  }),
] as const;
