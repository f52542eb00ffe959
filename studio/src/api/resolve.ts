import { resolve, type ResolveRow, type VersionName } from '@latchkey/client';
import { queryOptions } from '@tanstack/react-query';
import { ok } from './http';

/** Who would pay, without running anything. The server decides; nothing of it is computed here. */
export const resolveQuery = (workflow: string, version: VersionName, key: string | number) =>
  queryOptions({
    queryKey: ['resolve', workflow, version, key],
    queryFn: async () => (await ok(resolve({ path: { id: workflow }, body: { version } }))).nodes,
    staleTime: 60_000,
    retry: false,
  });

export type WhoPays =
  | { kind: 'none' }
  | { kind: 'free' }
  | { kind: 'missing'; nodes: number }
  | { kind: 'key'; provider: string; name: string; level: string; pool: boolean; byVariable: boolean; more: number };

/** `customer-{{#start.tenant#}}` as `customer-{tenant}`. */
export const shortSelector = (selector: string) => selector.replace(/\{\{#([^#}]+)#\}\}/g, (_, path: string) => `{${path.split('.').at(-1) ?? path}}`);

function keyOf(row: ResolveRow): Extract<WhoPays, { kind: 'key' }> | null {
  const selector = row.resolution?.selector ?? row.failure?.selector;
  const level = row.resolution?.level ?? row.failure?.level ?? 'node';
  // Without a run's inputs a name by variable is empty, and that is no fault of the workflow.
  if (selector?.includes('{{')) return { kind: 'key', provider: row.provider, name: shortSelector(selector), level, pool: false, byVariable: true, more: 0 };
  if (row.outcome !== 'resolved' || !row.resolution) return null;
  const { pool, credential_name: name } = row.resolution;
  return { kind: 'key', provider: row.provider, name: pool?.name ?? name ?? '', level, pool: !!pool, byVariable: false, more: 0 };
}

/** What a list shows of all model calls of a workflow: what is missing, else the first key and how many others there are. */
export function whoPays(rows: ResolveRow[]): WhoPays {
  if (rows.length === 0) return { kind: 'none' };
  const keys = rows.map((row) => ({ row, key: keyOf(row) }));
  const missing = keys.filter(({ row, key }) => !key && row.outcome === 'failed');
  if (missing.length > 0) return { kind: 'missing', nodes: missing.length };
  const found = keys.flatMap(({ key }) => (key ? [key] : []));
  const first = found[0];
  if (!first) return { kind: 'free' };
  const different = new Set(found.map((key) => `${key.provider}/${key.name}`));
  return { ...first, more: different.size - 1 };
}
