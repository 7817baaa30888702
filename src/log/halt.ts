/** The log doesn't fit to what was signed before: it must not be signed on, and people have to know. */
export class Halt extends Error {}
