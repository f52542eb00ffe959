import { createStore } from '../state/store';

/** The edge under the pointer. */
export const hoveredEdge = createStore<string | undefined>(undefined);
