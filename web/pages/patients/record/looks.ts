import type { Api } from '../../../api/client.ts';

type Event = Api['EventView'];

/** One person's looks within one minute: opening a page asks for several parts of the record. */
interface Look {
  readonly id: string;
  readonly at: string;
  readonly name: string;
  readonly role: string;
  readonly subjects: readonly string[];
}

/** Newest first, as the events are. */
export function looksOf(events: readonly Event[]): readonly Look[] {
  const looks: Look[] = [];
  for (const { id, occurredAt, staffName, staffRole, subject } of events) {
    const last = looks.at(-1);
    const name = staffName ?? '';
    const same = last?.name === name && last.at.slice(0, 16) === occurredAt.slice(0, 16);
    const subjects = [...new Set([...(same ? last.subjects : []), subject ?? ''])];
    if (same) looks[looks.length - 1] = { ...last, subjects };
    else looks.push({ id, at: occurredAt, name, role: staffRole ?? '', subjects });
  }
  return looks;
}
