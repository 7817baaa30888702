import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../roots.ts';

/** Pages for who isn't signed in. `/invitation` and `/password` are in the links of mails (src/mail), `/sign-in` in single sign-on's. */
export const signInRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/sign-in',
    validateSearch: ({ problem }: Record<string, unknown>): { problem?: string } => (typeof problem === 'string' ? { problem } : {}),
    component: lazyRouteComponent(() => import('./sign-in-page.tsx'), 'SignInPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/invitation',
    component: lazyRouteComponent(() => import('./invitation-page.tsx'), 'InvitationPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/password',
    component: lazyRouteComponent(() => import('./password-page.tsx'), 'PasswordPage'),
  }),
] as const;
