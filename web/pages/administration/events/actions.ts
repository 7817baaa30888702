import { actions } from '../../../messages/en/events.ts';

/** Kinds of events to choose from: those with words. */
export const ACTIONS = Object.keys(actions) as readonly (keyof typeof actions)[];
