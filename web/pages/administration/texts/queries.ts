import { queryOptions } from '@tanstack/react-query';
import { type Api, ask } from '../../../api/client.ts';

export type Kind = 'disclosures' | 'questionnaires';
export type Version = Api['QuestionnaireVersion'] & { readonly requiresReconsent?: boolean };

interface Versions {
  readonly items: readonly Version[];
  /** In which there is a built-in text to begin with. */
  readonly modelLanguages?: readonly string[];
}

export const TEXTS = ['texts'] as const;

export const versionsQuery = (kind: Kind) =>
  queryOptions({
    queryKey: [...TEXTS, kind, 'versions'],
    queryFn: (): Promise<Versions> =>
      kind === 'disclosures' ? ask((api) => api.GET('/api/disclosures')) : ask((api) => api.GET('/api/questionnaires')),
  });

/** Versions never change. */
export const disclosureQuery = (id: string) =>
  queryOptions({
    queryKey: [...TEXTS, 'disclosures', id],
    staleTime: Infinity,
    queryFn: () => ask((api) => api.GET('/api/disclosures/{id}', { params: { path: { id } } })),
  });

export const questionnaireQuery = (id: string) =>
  queryOptions({
    queryKey: [...TEXTS, 'questionnaires', id],
    staleTime: Infinity,
    queryFn: () => ask((api) => api.GET('/api/questionnaires/{id}', { params: { path: { id } } })),
  });

/** What writing begins from: the built-in text, the current one of the language, or a version. */
export const beginningQuery = (from: string, language: string) =>
  queryOptions({
    queryKey: [...TEXTS, 'disclosures', 'beginning', from, language],
    staleTime: Infinity,
    queryFn: (): Promise<Api['PublishDisclosure']> => {
      if (from === 'model') return ask((api) => api.GET('/api/disclosures/model', { params: { query: { language } } }));
      if (from === 'current') return ask((api) => api.GET('/api/disclosures/current', { params: { query: { language } } }));
      return ask((api) => api.GET('/api/disclosures/{id}', { params: { path: { id: from } } }));
    },
  });

export const questionnaireBeginningQuery = (from: string, language: string) =>
  queryOptions({
    queryKey: [...TEXTS, 'questionnaires', 'beginning', from, language],
    staleTime: Infinity,
    queryFn: (): Promise<Api['PublishQuestionnaire']> => {
      if (from === 'current') return ask((api) => api.GET('/api/questionnaires/current', { params: { query: { language } } }));
      return ask((api) => api.GET('/api/questionnaires/{id}', { params: { path: { id: from } } }));
    },
  });

/** Counted again each time, never from a cache. */
export const effectQuery = queryOptions({
  queryKey: [...TEXTS, 'effect'],
  staleTime: 0,
  queryFn: () => ask((api) => api.GET('/api/disclosures/effect')),
});
