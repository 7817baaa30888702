import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { withWords } from '../../../messages/index.ts';
import { administrationRoute } from '../administration-route.ts';
import { readSearch } from './search.ts';

export const logRoutes = [
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/log',
    validateSearch: readSearch,
    component: lazyRouteComponent(
      withWords(() => import('./log-page.tsx'), 'administration', 'log'),
      'LogPage',
    ),
  }),
] as const;
