import { queryOptions } from '@tanstack/react-query';
import { ask } from '../../api/client.ts';

export const questionnaireQuery = queryOptions({
  queryKey: ['questionnaire', 'en'],
  queryFn: () => ask((api) => api.GET('/api/questionnaires/current')),
});
