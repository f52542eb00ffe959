/** The open workflow: its document with history, what is selected, and what the server says about it. */
import type { Draft, Point } from '../document/draft';
import { findNode, readDraft } from '../document/draft';
import { type Clip, copyOf, type Done, duplicate, moveNodes, paste, removeEdges, removeNodes } from '../document/commands';
import { begin, edit, type History, redo, undo } from '../document/history';
import { tidy } from '../document/layout';
import type { Problem } from '../document/problems';
import type { Agreed, Saving } from '../save/saving';
import { createStore, type Store } from './store';

export type Side = 'node' | 'run' | 'variables' | 'keys' | undefined;
export type NodeTab = 'settings' | 'last' | 'errors' | 'yaml';

/** Who pays at a node, as the server resolves it with nothing known of a run. */
export interface Payer {
  name: string | undefined;
  level: string | undefined;
  code: string | undefined;
}

export interface EditorState {
  history: History;
  selection: readonly string[];
  edges: readonly string[];
  side: Side;
  saving: Saving;
  agreed: Agreed;
  problems: readonly Problem[];
  /** Whether the problems are those of the document that is shown. */
  checked: boolean;
  payers: ReadonlyMap<string, Payer>;
}

export interface Editor {
  readonly workflow: string;
  readonly readOnly: boolean;
  readonly store: Store<EditorState>;
  draft: () => Draft;
  /** Applies a command. Edits `about` the same thing within a moment are one step back. */
  apply: (command: (draft: Draft, now: number) => Done, about?: string) => string | undefined;
  undo: () => void;
  redo: () => void;
  select: (ids: readonly string[], edges?: readonly string[]) => void;
  open: (side: Side) => void;
  remove: () => void;
  move: (places: ReadonlyMap<string, Point>) => void;
  copy: () => number;
  paste: () => void;
  duplicate: () => void;
  tidy: () => void;
  /** Shows another document than the one that was edited: a restored version, somebody else's, or what was written as YAML. */
  replace: (draft: Draft, asEdit: boolean) => void;
}

const CLIP = 'latchkey/nodes';
const BESIDE: Point = { x: 36, y: 36 };

function readClip(text: string): Clip | undefined {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'object' && read !== null && 'what' in read && read.what === CLIP && 'clip' in read) return read.clip as Clip;
  } catch {
    // Whatever else is in the clipboard is not ours.
  }
  return undefined;
}

export function createEditor(workflow: string, document: Parameters<typeof readDraft>[0], etag: string | null, readOnly: boolean): Editor {
  const draft = readDraft(document);
  const store = createStore<EditorState>({
    history: begin(draft),
    selection: [],
    edges: [],
    side: undefined,
    saving: { kind: 'saved', at: Date.now() },
    agreed: { draft, etag },
    problems: [],
    checked: false,
    payers: new Map(),
  });
  let clip: Clip | undefined;

  const apply: Editor['apply'] = (command, about) => {
    if (readOnly) return undefined;
    const now = Date.now();
    const done = command(store.get().history.now, now);
    store.set((old) => {
      const history = edit(old.history, done.draft, now, about);
      if (history === old.history) return old;
      return { ...old, history, checked: false, ...(done.focus === undefined ? {} : { selection: [done.focus], edges: [], side: 'node' as const }) };
    });
    return done.focus;
  };
  const travel = (step: (history: History) => History) =>
    store.set((old) => {
      const history = step(old.history);
      if (history === old.history) return old;
      const selection = old.selection.filter((id) => findNode(history.now, id) !== undefined);
      return { ...old, history, checked: false, selection: selection.length === old.selection.length ? old.selection : selection };
    });

  const editor: Editor = {
    workflow,
    readOnly,
    store,
    draft: () => store.get().history.now,
    apply,
    undo: () => travel(undo),
    redo: () => travel(redo),
    select: (ids, edges = []) =>
      store.set((old) => {
        const same = ids.length === old.selection.length && ids.every((id, index) => id === old.selection[index]);
        const sameEdges = edges.length === old.edges.length && edges.every((id, index) => id === old.edges[index]);
        if (same && sameEdges) return old;
        const [only] = ids;
        const side = ids.length === 1 && only !== undefined ? (old.side === 'run' ? 'run' : 'node') : old.side === 'node' ? undefined : old.side;
        return { ...old, selection: same ? old.selection : ids, edges: sameEdges ? old.edges : edges, side };
      }),
    open: (side) => store.set((old) => (old.side === side ? old : { ...old, side })),
    remove: () => {
      const { selection, edges } = store.get();
      apply((now) => removeNodes(removeEdges(now, edges).draft, selection));
      editor.select([]);
    },
    move: (places) => {
      apply((now) => moveNodes(now, places));
    },
    copy: () => {
      const { selection, history } = store.get();
      clip = copyOf(history.now, selection);
      void navigator.clipboard?.writeText(JSON.stringify({ what: CLIP, clip })).catch(() => undefined);
      return clip.nodes.length;
    },
    paste: () => {
      const put = (from: Clip | undefined) => {
        if (from !== undefined) apply((now, time) => paste(now, from, BESIDE, time));
      };
      if (clip !== undefined || navigator.clipboard?.readText === undefined) put(clip);
      else void navigator.clipboard.readText().then((text) => put(readClip(text)), () => put(undefined));
    },
    duplicate: () => {
      const { selection } = store.get();
      apply((now, time) => duplicate(now, selection, BESIDE, time));
    },
    tidy: () => {
      apply((now) => ({ draft: tidy(now) }));
    },
    replace: (next, asEdit) =>
      store.set((old) => ({
        ...old,
        history: asEdit ? edit(old.history, next, Date.now()) : begin(next),
        selection: old.selection.filter((id) => findNode(next, id) !== undefined),
        edges: [],
        checked: false,
      })),
  };
  return editor;
}
