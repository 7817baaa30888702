interface Period {
  readonly validFrom: string | null;
  readonly validUntil: string | null;
}

/** Whether a representative's authority holds at this moment, by the device's clock; the database decides by its own. */
export function isValidNow({ validFrom, validUntil }: Period): boolean {
  const now = Date.now();
  return (validFrom === null || Date.parse(validFrom) <= now) && (validUntil === null || now < Date.parse(validUntil));
}
