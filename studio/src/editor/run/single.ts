import { createStore } from '../state/store';

/** The node that somebody wants to run alone. */
export const runNode = createStore<string | undefined>(undefined);
