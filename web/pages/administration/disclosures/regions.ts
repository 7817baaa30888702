import type { Api } from '../../../api/client.ts';

export type Region = NonNullable<Api['DisclosureRow']['consent']>['regions'][number];
export const REGIONS = ['cervical', 'thoracic', 'lumbar', 'sacral', 'pelvic'] as const satisfies readonly Region[];
