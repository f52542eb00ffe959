import {
  countRuns,
  type CredentialView,
  getCredential,
  getProvider,
  getRun,
  getStatus,
  getWorkflow,
  listCredentials,
  listKeys,
  listPools,
  listProviders,
  listWorkflows,
  poolReferences,
  type KeyView,
  type PoolView,
  type ProviderView,
  type WorkflowView,
} from '@latchkey/client';
import { queryOptions } from '@tanstack/react-query';
import { ok } from './http';

type Page<T> = { data: T[]; next_cursor?: string | null };

/** Every row of a list, page after page; for lists that a workspace has hundreds of, not thousands. */
export async function all<T>(page: (cursor: string | undefined) => Promise<Page<T>>, most = 2000): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const answer = await page(cursor);
    rows.push(...answer.data);
    cursor = answer.next_cursor ?? undefined;
  } while (cursor && rows.length < most);
  return rows;
}

export const workflowsQuery = queryOptions({
  queryKey: ['workflows'],
  queryFn: () => all<WorkflowView>((cursor) => ok(listWorkflows({ query: { limit: 200, cursor } }))),
  staleTime: 15_000,
});
export const workflowQuery = (id: string) =>
  queryOptions({ queryKey: ['workflows', id], queryFn: () => ok(getWorkflow({ path: { id } })), staleTime: 15_000 });

export const credentialsQuery = queryOptions({
  queryKey: ['credentials'],
  queryFn: () => all<CredentialView>((cursor) => ok(listCredentials({ query: { limit: 200, cursor } }))),
  staleTime: 15_000,
});
export const credentialQuery = (id: string) =>
  queryOptions({ queryKey: ['credentials', id], queryFn: () => ok(getCredential({ path: { id } })), staleTime: 5_000 });

export const poolsQuery = queryOptions({
  queryKey: ['pools'],
  queryFn: () => all<PoolView>((cursor) => ok(listPools({ query: { limit: 200, cursor } }))),
  staleTime: 15_000,
});

export const providersQuery = queryOptions({
  queryKey: ['providers'],
  queryFn: () => all<ProviderView>((cursor) => ok(listProviders({ query: { limit: 200, cursor } }))),
  staleTime: 60_000,
});
export const providerQuery = (provider: string) =>
  queryOptions({ queryKey: ['providers', provider], queryFn: () => ok(getProvider({ path: { provider } })), staleTime: 60_000 });

export const runQuery = (id: string) => queryOptions({ queryKey: ['runs', 'one', id], queryFn: () => ok(getRun({ path: { id } })) });

export const keysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: () => all<KeyView>((cursor) => ok(listKeys({ query: { limit: 200, cursor } }))),
});

/** What the server says about itself: whether it takes work. */
export const readyQuery = queryOptions({
  queryKey: ['ready'],
  queryFn: async () => (await fetch('/readyz', { cache: 'no-store' })).ok,
  refetchInterval: 30_000,
  retry: false,
});

/** Who works, and which runs of this workspace are not over. Null where the caller may not know. */
export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: () => ok(getStatus()),
  refetchInterval: 15_000,
  retry: false,
});

/** Runs of every workflow since a time, by day and status. */
export const runCountsQuery = (from: string) => queryOptions({ queryKey: ['runs', 'counts', from], queryFn: () => ok(countRuns({ query: { from } })), staleTime: 30_000 });

/** What names a pool. */
export const poolReferencesQuery = (id: string) =>
  queryOptions({ queryKey: ['pools', id, 'references'], queryFn: () => ok(poolReferences({ path: { id } })), staleTime: 60_000 });
