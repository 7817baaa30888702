import { en } from '../../../messages/en.ts';

/** Kinds of events to choose from: those with words. */
export const ACTIONS = Object.keys(en.actions) as readonly (keyof typeof en.actions)[];
