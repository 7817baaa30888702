import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { withWords } from '../../../messages/index.ts';
import { administrationRoute } from '../administration-route.ts';
import { readSearch } from './search.ts';

export const disclosureRoutes = [
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/disclosures',
    validateSearch: readSearch,
    component: lazyRouteComponent(
      withWords(() => import('./disclosures-page.tsx'), 'administration', 'disclosures'),
      'DisclosuresPage',
    ),
  }),
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/disclosures/consents/$consentId',
    // Those of the audit, for the way back to it.
    validateSearch: readSearch,
    component: lazyRouteComponent(
      withWords(() => import('./consent-story-page.tsx'), 'administration', 'changes', 'disclosures', 'events'),
      'ConsentStoryPage',
    ),
  }),
] as const;
