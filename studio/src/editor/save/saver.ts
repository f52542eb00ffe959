/** Autosave: sends the draft some time after the last edit, one request at a time, and never over somebody else's. */
import { getDraft, importWorkflow, putDraft, resolve, type ResolveRow } from '@latchkey/client';
import { onBack } from '@/api/connection';
import { ok, okTagged } from '@/api/http';
import { ApiError, isStatus, OfflineError } from '@/api/problem';
import { readDraft, writeDraft, type Draft } from '../document/draft';
import type { JsonObject } from '../document/json';
import { type Finding, problemsOf } from '../document/problems';
import type { Editor, Payer } from '../state/editor';
import { conflictOf, type Saving } from './saving';

const PAUSE_MS = 700;
const RETRY_MS = 5000;

export interface Saver {
  /** Saves now what waits, and tells whether the server has it. */
  flush: () => Promise<boolean>;
  keepBoth: () => void;
  useTheirs: () => void;
  keepMine: () => void;
  check: () => Promise<void>;
  /** Watches the draft until the function that comes back is called; then what waits is sent. */
  start: () => () => void;
}

/** What the server thinks of a document: the report of an import that stores nothing. */
async function findingsOf(workflow: string, draft: Draft): Promise<Finding[]> {
  try {
    const { report } = await ok(importWorkflow({ body: { content: JSON.stringify(writeDraft(draft)), workflow_id: workflow, dry_run: true } }));
    return report.items;
  } catch (error) {
    if (error instanceof ApiError && error.report !== null) return error.report.items;
    throw error;
  }
}

function payersOf(rows: readonly ResolveRow[], old: ReadonlyMap<string, Payer>): ReadonlyMap<string, Payer> {
  const next = new Map<string, Payer>();
  for (const row of rows) {
    const level = row.resolution?.level ?? row.failure?.level ?? (row.outcome === 'not_needed' ? 'not_needed' : undefined);
    const payer: Payer = {
      name: row.resolution?.pool?.name ?? row.resolution?.credential_name ?? undefined,
      level,
      code: row.outcome === 'failed' ? (row.code ?? 'credential_missing') : undefined,
    };
    const known = old.get(row.node_id);
    const same = known !== undefined && known.name === payer.name && known.level === payer.level && known.code === payer.code;
    if (!next.has(row.node_id) || payer.code !== undefined) next.set(row.node_id, same ? known : payer);
  }
  return next;
}

export function createSaver(editor: Editor): Saver {
  const { store, workflow } = editor;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let going: Promise<boolean> | undefined;
  let edits = 0;
  let seen = store.get().history.now;
  let stopped = false;
  const saving = (next: Saving) => store.set((old) => ({ ...old, saving: next }));
  const clean = () => store.get().history.now === store.get().agreed.draft;

  const check = async () => {
    const draft = store.get().history.now;
    try {
      const problems = problemsOf(draft, await findingsOf(workflow, draft));
      if (!stopped && store.get().history.now === draft) store.set((old) => ({ ...old, problems, checked: true }));
    } catch {
      // Whoever may not ask sees no problems; the run and the publication still tell.
      if (!stopped && store.get().history.now === draft) store.set((old) => ({ ...old, checked: true }));
    }
    try {
      const { nodes } = await ok(resolve({ path: { id: workflow }, body: { version: 'draft' } }));
      if (!stopped) store.set((old) => ({ ...old, payers: payersOf(nodes, old.payers) }));
    } catch {
      // Without it the cards show what the document says.
    }
  };

  const failed = async (error: unknown, draft: Draft): Promise<false> => {
    if (isStatus(error, 412)) {
      const { data, etag } = await okTagged(getDraft({ path: { id: workflow } }));
      const { agreed } = store.get();
      saving(conflictOf(agreed, draft, { draft: readDraft(data as JsonObject), etag }, error.changed));
    } else if (error instanceof OfflineError || isStatus(error, 401) || (error instanceof ApiError && error.status >= 500) || isStatus(error, 429)) {
      saving({ kind: 'offline', changes: edits });
      timer = setTimeout(() => void save(), RETRY_MS);
    } else if (error instanceof ApiError) {
      const findings: Finding[] = error.report?.items ?? error.items.map((item) => ({ ...item, severity: 'error' }));
      saving({ kind: 'refused', code: error.code, message: error.message, findings });
      store.set((old) => ({ ...old, problems: problemsOf(draft, findings), checked: true }));
    } else throw error;
    return false;
  };

  const send = async (): Promise<boolean> => {
    const draft = store.get().history.now;
    if (clean()) {
      saving({ kind: 'saved', at: Date.now() });
      return true;
    }
    saving({ kind: 'saving' });
    const counted = edits;
    try {
      const { agreed } = store.get();
      const headers = agreed.etag === null ? {} : { 'If-Match': agreed.etag };
      const { etag } = await okTagged(putDraft({ path: { id: workflow }, body: writeDraft(draft), headers }));
      edits -= counted;
      const more = store.get().history.now !== draft;
      store.set((old) => ({ ...old, agreed: { draft, etag }, saving: more ? { kind: 'waiting' } : { kind: 'saved', at: Date.now() } }));
      if (more) schedule();
      else void check();
      return !more;
    } catch (error) {
      try {
        return await failed(error, draft);
      } catch {
        saving({ kind: 'offline', changes: edits });
        timer = setTimeout(() => void save(), RETRY_MS);
        return false;
      }
    }
  };

  function save(): Promise<boolean> {
    clearTimeout(timer);
    timer = undefined;
    going ??= send().finally(() => {
      going = undefined;
    });
    return going;
  }

  function schedule() {
    clearTimeout(timer);
    timer = setTimeout(() => void save(), PAUSE_MS);
  }

  const watch = () => {
    const { history, saving: now } = store.get();
    if (history.now === seen) return;
    seen = history.now;
    if (editor.readOnly) return;
    edits += 1;
    if (now.kind === 'conflict') return;
    if (now.kind === 'saved' && !clean()) saving({ kind: 'waiting' });
    if (now.kind === 'offline') saving({ kind: 'offline', changes: edits });
    if (going === undefined) schedule();
  };
  const back = () => {
    if (!clean() && store.get().saving.kind !== 'conflict') void save();
  };

  const settle = (draft: Draft) => {
    const { saving: now } = store.get();
    if (now.kind !== 'conflict') return;
    store.set((old) => ({ ...old, agreed: { draft: now.theirs, etag: now.etag }, saving: { kind: 'waiting' } }));
    editor.replace(draft, true);
    schedule();
  };

  return {
    flush: async () => {
      if (going !== undefined) await going;
      return clean() ? true : save();
    },
    keepBoth: () => {
      const { saving: now } = store.get();
      if (now.kind === 'conflict') settle(now.both);
    },
    useTheirs: () => {
      const { saving: now } = store.get();
      if (now.kind === 'conflict') settle(now.theirs);
    },
    keepMine: () => settle(store.get().history.now),
    check,
    start: () => {
      stopped = false;
      const unsubscribe = store.subscribe(watch);
      const unback = onBack(back);
      void check();
      return () => {
        stopped = true;
        clearTimeout(timer);
        unsubscribe();
        unback();
        if (!editor.readOnly) back();
      };
    },
  };
}
