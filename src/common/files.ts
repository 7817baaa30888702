import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Returns when the content can't be lost any more; for its owner's eyes only. `wx` refuses a file that is there. */
export async function writeDurably(path: string, content: string, flags: 'w' | 'wx' | 'a' = 'w'): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(path);
}

/** Replaces a file atomically: a reader, also after a crash, finds the whole old content or the whole new one. */
export async function replaceDurably(path: string, content: string): Promise<void> {
  const draft = `${path}.new`;
  // One that a crash left.
  await rm(draft, { force: true });
  await writeDurably(draft, content, 'wx');
  await rename(draft, path);
  await syncDirectory(path);
}

/** A name in a directory lasts when the directory does. Windows has no such thing, and opens none. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
