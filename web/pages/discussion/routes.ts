import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { patientRoute } from '../patients/routes.ts';

/** Begins a discussion, and goes on with one. `decider`: the id of the representative who decides; left out: the patient. */
export const discussionPages = [
  createRoute({
    getParentRoute: () => patientRoute,
    path: '/discussion',
    component: lazyRouteComponent(() => import('./start-page.tsx'), 'StartPage'),
  }),
  createRoute({
    getParentRoute: () => patientRoute,
    path: '/discussion/$discussionId',
    validateSearch: deciderOf,
    component: lazyRouteComponent(() => import('./discussion-page.tsx'), 'DiscussionPage'),
  }),
] as const;

export function deciderOf({ decider }: Record<string, unknown>): { decider?: string } {
  return typeof decider === 'string' ? { decider } : {};
}
