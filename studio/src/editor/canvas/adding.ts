/** Where a new node is about to be added: the list of types is open at a place of the screen. */
import { createStore } from '../state/store';

export type Adding =
  /** Anywhere on the canvas. */
  | { kind: 'free'; x: number; y: number; at?: { x: number; y: number } }
  /** Behind a handle, where an edge was dropped. */
  | { kind: 'after'; source: string; handle: string; x: number; y: number; at?: { x: number; y: number } }
  /** Into an edge. */
  | { kind: 'edge'; edge: string; x: number; y: number };

export const adding = createStore<Adding | undefined>(undefined);
