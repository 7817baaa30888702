import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { withWords } from '../../../messages/index.ts';
import { administrationRoute } from '../administration-route.ts';
import { readSearch } from './search.ts';

export const eventRoutes = [
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/events',
    validateSearch: readSearch,
    component: lazyRouteComponent(
      withWords(() => import('./events-page.tsx'), 'administration', 'changes', 'events'),
      'EventsPage',
    ),
  }),
] as const;
