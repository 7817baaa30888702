import { useCallback, useEffect, useSyncExternalStore } from 'react';
import { ask } from './client.ts';

/**
 * What somebody has typed and not sent yet. It is still there after a reload, a lock, a browser that crashed; and for them alone: in
 * the tab's storage it is encrypted with a key that the server gives to this person when they are fully signed in.
 */
const STORE = 'assent.drafts';
const drafts = new Map<string, unknown>();
const listeners = new Set<() => void>();
let owner: Owner | undefined;
let saving = Promise.resolve();

interface Owner {
  readonly personId: string;
  /** Asked of the server once, when there is a draft to read or a page that may write one. */
  key: Promise<CryptoKey> | undefined;
}

/** Before the person's first page is shown. A draft that somebody else left can't be decrypted, and is dropped. */
export async function openDrafts(personId: string): Promise<void> {
  // Browsers encrypt on https and localhost only. Elsewhere drafts live as long as the page.
  if (!globalThis.isSecureContext || owner?.personId === personId) return;
  if (owner) dropDrafts();
  const opening: Owner = { personId, key: undefined };
  const kept = sessionStorage.getItem(STORE);
  if (kept !== null) {
    const key = await keyOf(opening);
    try {
      const bytes = fromBase64(kept);
      const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: bytes.subarray(0, 12) }, key, bytes.subarray(12));
      for (const [name, draft] of JSON.parse(new TextDecoder().decode(opened)) as [string, unknown][]) drafts.set(name, draft);
    } catch {
      sessionStorage.removeItem(STORE);
    }
  }
  owner = opening;
}

/** What failed is asked again when it is next needed. */
function keyOf(person: Owner): Promise<CryptoKey> {
  person.key ??= fetchKey().catch((error: unknown) => {
    person.key = undefined;
    throw error;
  });
  return person.key;
}

async function fetchKey(): Promise<CryptoKey> {
  const { draftKey } = await ask((api) => api.GET('/api/me/draft-key'));
  const bytes = fromBase64(draftKey.replaceAll('-', '+').replaceAll('_', '/'));
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

export function dropDrafts(): void {
  drafts.clear();
  owner = undefined;
  sessionStorage.removeItem(STORE);
}

/** `const [draft, change, forget] = useDraft('registration', NOBODY)`. Forget it once it is sent. */
export function useDraft<Draft>(name: string, empty: Draft): readonly [Draft, (make: (now: Draft) => Draft) => void, () => void] {
  // Before the first word: the session may be locked, or the network gone, when it is to be saved.
  useEffect(() => {
    if (owner) void keyOf(owner).catch(() => undefined);
  }, []);
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
  const person = owner;
  const text = JSON.stringify([...drafts]);
  saving = saving.then(() => seal(person, text)).catch(() => sessionStorage.removeItem(STORE));
}

async function seal(person: Owner, text: string): Promise<void> {
  const key = await keyOf(person);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(text)));
  // The person may have signed out meanwhile.
  if (owner === person) sessionStorage.setItem(STORE, toBase64(new Uint8Array([...iv, ...sealed])));
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
