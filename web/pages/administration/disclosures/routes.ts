import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { administrationRoute } from '../administration-route.ts';
import { readSearch } from './search.ts';

export const disclosureRoutes = [
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/disclosures',
    validateSearch: readSearch,
    component: lazyRouteComponent(() => import('./disclosures-page.tsx'), 'DisclosuresPage'),
  }),
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/disclosures/consents/$consentId',
    // Those of the audit, for the way back to it.
    validateSearch: readSearch,
    component: lazyRouteComponent(() => import('./consent-story-page.tsx'), 'ConsentStoryPage'),
  }),
] as const;
