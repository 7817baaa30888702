import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../roots.ts';

/** Parent of every page of the clinic's administration. */
export const administrationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/administration',
  component: lazyRouteComponent(() => import('./administration-layout.tsx'), 'AdministrationLayout'),
});
