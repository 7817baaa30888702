import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { withWords } from '../../messages/index.ts';
import { administrationRoute } from './administration-route.ts';
import { disclosureRoutes } from './disclosures/routes.ts';
import { eventRoutes } from './events/routes.ts';
import { logRoutes } from './log/routes.ts';
import { settingsRoutes } from './settings/routes.ts';
import { staffRoutes } from './staff/routes.ts';
import { textsRoutes } from './texts/routes.ts';

const indexRoute = createRoute({
  getParentRoute: () => administrationRoute,
  path: '/',
  component: lazyRouteComponent(
    withWords(() => import('./administration-layout.tsx'), 'administration'),
    'FirstPage',
  ),
});

export const administrationRoutes = [
  administrationRoute.addChildren([
    indexRoute,
    ...disclosureRoutes,
    ...logRoutes,
    ...eventRoutes,
    ...staffRoutes,
    ...textsRoutes,
    ...settingsRoutes,
  ]),
] as const;
