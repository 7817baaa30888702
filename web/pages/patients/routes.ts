import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
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
    component: lazyRouteComponent(() => import('./patient-page.tsx'), 'PatientPage'),
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
    component: lazyRouteComponent(() => import('./new-patient-page.tsx'), 'NewPatientPage'),
  }),
] as const;
