/** How a draft gets to the server: what is kept here, what is on its way, and what stands against it. No timers, no network. */
import type { Changed } from '@/api/problem';
import { merge } from '../document/diff';
import type { Draft } from '../document/draft';
import type { Finding } from '../document/problems';

export type Saving =
  /** The server has what is shown. */
  | { kind: 'saved'; at: number }
  /** Something waits for its time. */
  | { kind: 'waiting' }
  | { kind: 'saving' }
  /** The server is away; the changes wait here. */
  | { kind: 'offline'; changes: number }
  /** Somebody else has saved meanwhile. */
  | { kind: 'conflict'; theirs: Draft; etag: string | null; both: Draft; clashes: string[]; by: Changed | null }
  /** The server does not take this document. */
  | { kind: 'refused'; code: string; message: string; findings: Finding[] };

/** What the server had when somebody last agreed with it. */
export interface Agreed {
  draft: Draft;
  etag: string | null;
}

/** Somebody was faster: what they made, and what both make together. */
export function conflictOf(agreed: Agreed, mine: Draft, theirs: Agreed, by: Changed | null = null): Extract<Saving, { kind: 'conflict' }> {
  const { draft, conflicts } = merge(agreed.draft, mine, theirs.draft);
  return { kind: 'conflict', theirs: theirs.draft, etag: theirs.etag, both: draft, clashes: conflicts, by };
}

/** Whether leaving now would lose something. */
export const isUnsaved = (saving: Saving): boolean => saving.kind !== 'saved';
