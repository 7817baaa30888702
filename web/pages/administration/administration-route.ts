import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { withWords } from '../../messages/index.ts';
import { shellRoute } from '../roots.ts';

/** Parent of every page of the clinic's administration. */
export const administrationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/administration',
  component: lazyRouteComponent(
    withWords(() => import('./administration-layout.tsx'), 'administration'),
    'AdministrationLayout',
  ),
});
