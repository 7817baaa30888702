import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { withWords } from '../../messages/index.ts';
import { patientRoute } from '../patients/routes.ts';

/** Begins a discussion, and goes on with one. `decider`: the id of the representative who decides; left out: the patient. */
export const discussionPages = [
  createRoute({
    getParentRoute: () => patientRoute,
    path: '/discussion',
    component: lazyRouteComponent(
      withWords(() => import('./start-page.tsx'), 'discussion'),
      'StartPage',
    ),
  }),
  createRoute({
    getParentRoute: () => patientRoute,
    path: '/discussion/$discussionId',
    validateSearch: deciderOf,
    component: lazyRouteComponent(
      withWords(() => import('./discussion-page.tsx'), 'discussion', 'findings'),
      'DiscussionPage',
    ),
  }),
] as const;

export function deciderOf({ decider }: Record<string, unknown>): { decider?: string } {
  return typeof decider === 'string' ? { decider } : {};
}
