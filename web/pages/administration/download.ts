import { Problem } from '../../api/problem.ts';

/** Lets the browser keep what a call brought. */
export function keepFile(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

/** A transfer that breaks off after it began: the file would be half of one. */
export function refuseBroken(error: unknown): never {
  if (error instanceof Problem) throw error;
  throw Problem.network();
}
