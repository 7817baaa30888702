import { useSyncExternalStore } from 'react';

/** A fresh authentication that an act waits for; components/step-up.tsx asks the person for it. */
export interface Pending {
  readonly promise: Promise<boolean>;
  readonly settle: (confirmed: boolean) => void;
}

let pending: Pending | undefined;
const listeners = new Set<() => void>();

/** Asks the person to confirm who they are. Calls that are refused at the same time wait for the same answer. */
export function confirmIdentity(): Promise<boolean> {
  if (!pending) {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    change({
      promise,
      settle: (confirmed) => {
        change(undefined);
        resolve(confirmed);
      },
    });
  }
  return pending?.promise ?? Promise.resolve(false);
}

export function usePendingConfirmation(): Pending | undefined {
  return useSyncExternalStore(subscribe, () => pending);
}

function change(next: Pending | undefined): void {
  pending = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
