import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { patientRoute } from '../patients/routes.ts';

/** The questions, or what a screening found: `?screening=` and its id. */
export const screeningPages = [
  createRoute({
    getParentRoute: () => patientRoute,
    path: '/screening',
    validateSearch: ({ screening }: Record<string, unknown>): { screening?: string } =>
      typeof screening === 'string' ? { screening } : {},
    component: lazyRouteComponent(() => import('./screening-page.tsx'), 'ScreeningPage'),
  }),
] as const;
