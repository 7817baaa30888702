import { useCallback, useSyncExternalStore } from 'react';

/**
 * What somebody has typed and not sent yet. It is still there after a reload, a lock, a browser that crashed; and for them alone: in
 * the tab's storage it is encrypted with a key that the server gives to this person when they are fully signed in.
 */
const STORE = 'assent.drafts';
const drafts = new Map<string, unknown>();
const listeners = new Set<() => void>();
let owner: { readonly draftKey: string; readonly key: CryptoKey } | undefined;
let saving = Promise.resolve();

/** Before the person's first page is shown. What somebody else left behind is dropped: it can't be read. */
export async function openDrafts(draftKey: string): Promise<void> {
  // Browsers encrypt on https and localhost only. Elsewhere drafts live as long as the page.
  if (!globalThis.isSecureContext || owner?.draftKey === draftKey) return;
  if (owner) dropDrafts();
  const key = await crypto.subtle.importKey('raw', fromBase64(draftKey.replaceAll('-', '+').replaceAll('_', '/')), 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ]);
  owner = { draftKey, key };
  const kept = sessionStorage.getItem(STORE);
  if (kept === null) return;
  try {
    const bytes = fromBase64(kept);
    const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: bytes.subarray(0, 12) }, key, bytes.subarray(12));
    for (const [name, draft] of JSON.parse(new TextDecoder().decode(opened)) as [string, unknown][]) drafts.set(name, draft);
  } catch {
    sessionStorage.removeItem(STORE);
  }
}

export function dropDrafts(): void {
  drafts.clear();
  owner = undefined;
  sessionStorage.removeItem(STORE);
}

/** `const [draft, change, forget] = useDraft('registration', NOBODY)`. Forget it once it is sent. */
export function useDraft<Draft>(name: string, empty: Draft): readonly [Draft, (make: (now: Draft) => Draft) => void, () => void] {
  const draft = useSyncExternalStore(subscribe, () => (drafts.get(name) as Draft | undefined) ?? empty);
  const change = useCallback(
    (make: (now: Draft) => Draft) => {
      drafts.set(name, make((drafts.get(name) as Draft | undefined) ?? empty));
      changed();
    },
    [name, empty],
  );
  const forget = useCallback(() => {
    drafts.delete(name);
    changed();
  }, [name]);
  return [draft, change, forget];
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed(): void {
  save();
  for (const listener of listeners) listener();
}

/** One after the other, so that the newest stays. Where it doesn't fit none is kept: an old one would mislead. */
function save(): void {
  if (!owner) return;
  const { key } = owner;
  const text = JSON.stringify([...drafts]);
  saving = saving.then(() => seal(key, text)).catch(() => sessionStorage.removeItem(STORE));
}

async function seal(key: CryptoKey, text: string): Promise<void> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(text)));
  // Whoever it belongs to may have gone meanwhile.
  if (owner?.key === key) sessionStorage.setItem(STORE, toBase64(new Uint8Array([...iv, ...sealed])));
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
