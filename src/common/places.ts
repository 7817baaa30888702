/** So many for each key at a time: what is waited for by one neither fills memory nor holds up the others. */
export class Places {
  private readonly taken = new Map<string, number>();

  constructor(private readonly most: number) {}

  /** Undefined where all of the key's are taken. Otherwise it is to be called once, to give the place back. */
  take(key: string): (() => void) | undefined {
    const count = this.taken.get(key) ?? 0;
    if (count === this.most) return undefined;
    this.taken.set(key, count + 1);
    return () => {
      const rest = (this.taken.get(key) ?? 1) - 1;
      if (rest === 0) this.taken.delete(key);
      else this.taken.set(key, rest);
    };
  }
}
