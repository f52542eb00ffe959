/** The server's dry run: who would pay. It is asked about the saved draft, and again after each save. */
import { listRuns, resolve, type ResolveRow } from '@latchkey/client';
import { queryOptions, useQueries, useQuery } from '@tanstack/react-query';
import { ok } from '@/api/http';
import type { JsonObject } from '../document/json';
import { at, text } from '../document/json';
import { useEditor, useEditorState } from '../state/context';

export interface Ask {
  inputs?: JsonObject;
  environment?: string;
}

const asked = (workflow: string, etag: string | null, ask: Ask) =>
  queryOptions({
    queryKey: ['resolve', workflow, etag, ask],
    queryFn: () => ok(resolve({ path: { id: workflow }, body: { version: 'draft', ...ask } })),
    staleTime: 20_000,
    retry: false,
  });

/** The row of a node, and of its model where a node names several. */
export const rowOf = (rows: readonly ResolveRow[] | undefined, node: string, model: string): ResolveRow | undefined =>
  rows?.find((row) => row.node_id === node && row.model === model) ?? rows?.find((row) => row.node_id === node);

/** Who would pay at one place. While something is unsaved the last answer stays. */
export function useResolved(node: string, model: string, ask: Ask = {}) {
  const editor = useEditor();
  const etag = useEditorState((state) => state.agreed.etag);
  const query = useQuery({ ...asked(editor.workflow, etag, ask), placeholderData: (before) => before });
  return { ...query, row: rowOf(query.data?.nodes, node, model) };
}

/** The same for several inputs. */
export function useResolvedEach(node: string, model: string, asks: readonly Ask[]) {
  const editor = useEditor();
  const etag = useEditorState((state) => state.agreed.etag);
  return useQueries({
    queries: asks.map((ask) => asked(editor.workflow, etag, ask)),
    combine: (results) => results.map((result) => ({ pending: result.isPending, error: result.error, row: rowOf(result.data?.nodes, node, model) })),
  });
}

/** What the last 50 runs had as inputs. */
export function useLastInputs() {
  const editor = useEditor();
  return useQuery({
    queryKey: ['runs', 'inputs', editor.workflow],
    queryFn: () => ok(listRuns({ query: { workflow_id: editor.workflow, limit: 50 } })),
    select: (page) => page.data.map((run) => run.inputs as JsonObject),
    staleTime: 60_000,
  });
}

/** The different values that some inputs had, the most frequent first. */
export function distinct(runs: readonly JsonObject[], names: readonly string[], most = 6): { inputs: JsonObject; shown: string; count: number }[] {
  const found = new Map<string, { inputs: JsonObject; shown: string; count: number }>();
  for (const inputs of runs) {
    const values = names.map((name) => text(at(inputs, [name])));
    if (values.every((value) => value === '')) continue;
    const shown = values.join(' · ');
    const known = found.get(shown);
    found.set(shown, { inputs: known?.inputs ?? inputs, shown, count: (known?.count ?? 0) + 1 });
  }
  return [...found.values()].sort((a, b) => b.count - a.count).slice(0, most);
}
