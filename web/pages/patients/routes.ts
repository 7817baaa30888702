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

export const patientsRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/patients',
    component: lazyRouteComponent(() => import('./patients-page.tsx'), 'PatientsPage'),
  }),
] as const;
