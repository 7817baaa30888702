import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { withWords } from '../../../messages/index.ts';
import { administrationRoute } from '../administration-route.ts';

export interface SettingsSearch {
  /** Of the sign-ins, only those that failed. */
  readonly failed?: true;
}

export const settingsRoutes = [
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/settings',
    validateSearch: ({ failed }: Record<string, unknown>): SettingsSearch => (failed === true ? { failed } : {}),
    component: lazyRouteComponent(
      withWords(() => import('./settings-page.tsx'), 'settings', 'staff'),
      'SettingsPage',
    ),
  }),
] as const;
