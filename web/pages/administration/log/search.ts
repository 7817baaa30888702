import { given, type RawSearch, uuidOf } from '../search.ts';

export interface LogSearch {
  /** Which verification is shown; left out: the newest. */
  readonly verification?: string;
}

export function readSearch(search: RawSearch): LogSearch {
  return given({ verification: uuidOf(search['verification']) });
}
