import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { withWords } from '../../../messages/index.ts';
import { administrationRoute } from '../administration-route.ts';

export interface VersionSearch {
  /** The id of another version. */
  readonly compare?: string;
}

export interface WriteSearch {
  readonly language: string;
  /** What it begins from: the id of a version, or the built-in text. */
  readonly from: string;
  readonly view?: 'preview' | 'changes';
}

const versionSearch = ({ compare }: Record<string, unknown>): VersionSearch => (typeof compare === 'string' ? { compare } : {});

function writeSearch({ language, from, view }: Record<string, unknown>): WriteSearch {
  return {
    language: typeof language === 'string' && /^[A-Za-z0-9-]{2,35}$/.test(language) ? language : 'en',
    from: typeof from === 'string' ? from : 'current',
    ...(view === 'preview' || view === 'changes' ? { view } : {}),
  };
}

export const textsRoutes = [
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/texts',
    component: lazyRouteComponent(
      withWords(() => import('./texts-page.tsx'), 'texts'),
      'TextsPage',
    ),
  }),
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/texts/disclosures/new',
    validateSearch: writeSearch,
    component: lazyRouteComponent(
      withWords(() => import('./write-disclosure-page.tsx'), 'texts'),
      'WriteDisclosurePage',
    ),
  }),
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/texts/questionnaires/new',
    validateSearch: writeSearch,
    component: lazyRouteComponent(
      withWords(() => import('./write-questionnaire-page.tsx'), 'texts'),
      'WriteQuestionnairePage',
    ),
  }),
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/texts/disclosures/$id',
    validateSearch: versionSearch,
    component: lazyRouteComponent(
      withWords(() => import('./version-page.tsx'), 'texts'),
      'DisclosureVersionPage',
    ),
  }),
  createRoute({
    getParentRoute: () => administrationRoute,
    path: '/texts/questionnaires/$id',
    validateSearch: versionSearch,
    component: lazyRouteComponent(
      withWords(() => import('./version-page.tsx'), 'texts'),
      'QuestionnaireVersionPage',
    ),
  }),
] as const;
