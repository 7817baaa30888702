import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { withWords } from '../../messages/index.ts';
import { patientRoute } from '../patients/routes.ts';

/** The questions, or what a screening found: `?screening=` and its id. */
export const screeningPages = [
  createRoute({
    getParentRoute: () => patientRoute,
    path: '/screening',
    validateSearch: ({ screening }: Record<string, unknown>): { screening?: string } =>
      typeof screening === 'string' ? { screening } : {},
    component: lazyRouteComponent(
      withWords(() => import('./screening-page.tsx'), 'findings', 'screening'),
      'ScreeningPage',
    ),
  }),
] as const;
