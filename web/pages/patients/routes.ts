import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { withWords } from '../../messages/index.ts';
import { shellRoute } from '../roots.ts';

/** Parent of every page about one patient: says who it is, above all else. */
export const patientRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/patients/$patientId',
  component: lazyRouteComponent(() => import('./patient-layout.tsx'), 'PatientLayout'),
});

/** Pages below patientRoute. */
export const patientPages = [
  createRoute({
    getParentRoute: () => patientRoute,
    path: '/',
    component: lazyRouteComponent(
      withWords(() => import('./patient-page.tsx'), 'endReasons', 'findings', 'record', 'registration'),
      'PatientPage',
    ),
  }),
] as const;

interface Search {
  readonly q?: string;
  readonly archived?: true;
}

export const patientsRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/patients',
    // A number is what the router makes of digits.
    validateSearch: ({ q, archived }: Record<string, unknown>): Search => ({
      ...((typeof q === 'string' || typeof q === 'number') && q !== '' && { q: String(q).slice(0, 200) }),
      ...(archived === true && { archived: true }),
    }),
    component: lazyRouteComponent(() => import('./patients-page.tsx'), 'PatientsPage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/patients/new',
    component: lazyRouteComponent(
      withWords(() => import('./new-patient-page.tsx'), 'registration'),
      'NewPatientPage',
    ),
  }),
] as const;
