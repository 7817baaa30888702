import { type Answer, Caller } from './api.js';
import type { TestClinic } from './make.js';

const DAY = 86_400_000;
export const inDays = (days: number): string => new Date(Date.now() + days * DAY).toISOString();

/** What an administrator asks for to get an API key. */
export function keyRequest(values: Record<string, unknown> = {}): Record<string, unknown> {
  return { label: 'Billing export', role: 'receptionist', expiresAt: inDays(30), ...values };
}

/** A program with an API key. */
export class Machine extends Caller {
  constructor(
    url: string,
    readonly id: string,
    readonly key: string,
  ) {
    super(url);
  }

  override call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return super.call(method, path, body, { authorization: `Bearer ${this.key}`, ...headers });
  }
}

export async function makeMachine({ administrator }: TestClinic, values: Record<string, unknown> = {}): Promise<Machine> {
  const { status, body } = await administrator.api.post('/api/api-keys', keyRequest(values));
  if (status !== 201) throw new Error(`Expected 201, got ${status}: ${JSON.stringify(body)}`);
  return new Machine(administrator.api.url, body.id as string, body.key as string);
}
