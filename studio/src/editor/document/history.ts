/** Undo and redo: earlier and later drafts. Edits of one text that follow each other are one step. */
import type { Draft } from './draft';

export interface History {
  readonly past: readonly Draft[];
  readonly now: Draft;
  readonly future: readonly Draft[];
  /** What the last edit was about and when it was, so that typing is one step. */
  readonly last?: { about: string; at: number } | undefined;
}

const STEPS = 200;
const TOGETHER_MS = 1200;

export const begin = (draft: Draft): History => ({ past: [], now: draft, future: [] });

/** Takes note of an edit. Edits `about` the same thing within a moment are one step; without it each is its own. */
export function edit(history: History, draft: Draft, at: number, about?: string): History {
  if (draft === history.now) return history;
  const last = about === undefined ? undefined : { about, at };
  const before = history.last;
  const together = last !== undefined && before !== undefined && before.about === about && at - before.at < TOGETHER_MS;
  const past = together ? history.past : [...history.past, history.now].slice(-STEPS);
  return { past, now: draft, future: [], last };
}

export function undo(history: History): History {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future] };
}

export function redo(history: History): History {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.now], now: next, future };
}
