import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { withWords } from '../../messages/index.ts';
import { deciderOf } from '../discussion/routes.ts';
import { rootRoute } from '../roots.ts';

/** Outside the shell: the decision-maker holds the tablet, and nothing else may be in reach. */
export const turnRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/patients/$patientId/discussion/$discussionId/turn',
    validateSearch: deciderOf,
    component: lazyRouteComponent(
      withWords(() => import('./turn-page.tsx'), 'discussion'),
      'TurnPage',
    ),
  }),
] as const;
