import { listModelCalls, listRuns, type ModelCallView, type RunView } from '@latchkey/client';
import { useInfiniteQuery, useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ok } from '@/api/http';

export type RunSearch = { workflow?: string; status?: string; environment?: string; user?: string; credential?: string; from?: string; to?: string };

const hour = 3_600_000;

/** `24` is the last 24 hours, from a full minute, so that pages of one list have one beginning. */
export function begin(from: string | undefined, now: number): string | undefined {
  if (!from) return undefined;
  const hours = Number(from);
  return Number.isFinite(hours) ? new Date(Math.floor((now - hours * hour) / 60_000) * 60_000).toISOString() : from;
}

export type PaidBy = { provider: string; name: string; failed: boolean };

/** The keys that paid for each run of a page, from the rows of the ledger in its time. */
export function paidBy(calls: ModelCallView[]): Map<string, PaidBy[]> {
  const found = new Map<string, PaidBy[]>();
  for (const call of calls) {
    if (!call.run_id || !call.credential_name) continue;
    const keys = found.get(call.run_id) ?? [];
    if (!keys.some((key) => key.name === call.credential_name && key.provider === call.provider)) keys.push({ provider: call.provider, name: call.credential_name, failed: call.outcome !== 'succeeded' });
    found.set(call.run_id, keys);
  }
  return found;
}

async function callsOf(page: RunView[]): Promise<ModelCallView[]> {
  const last = page.at(-1);
  const first = page[0];
  if (!last || !first) return [];
  const calls: ModelCallView[] = [];
  let cursor: string | undefined;
  // Runs with hundreds of calls: the first thousand rows say enough for a list.
  for (let count = 0; count < 5; count += 1) {
    const to = first.finished_at ? { to: new Date(Date.parse(first.finished_at) + 1).toISOString() } : {};
    const answer = await ok(listModelCalls({ query: { from: last.created_at, ...to, limit: 200, cursor } }));
    calls.push(...answer.data);
    cursor = answer.next_cursor ?? undefined;
    if (!cursor) break;
  }
  return calls;
}

const going = (run: RunView) => run.status === 'running' || run.status === 'queued';

export function useRuns(search: RunSearch) {
  const query = useInfiniteQuery({
    queryKey: ['runs', 'list', search],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      ok(
        listRuns({
          query: {
            limit: 50,
            cursor: pageParam ?? undefined,
            workflow_id: search.workflow,
            status: search.status,
            environment: search.environment,
            end_user: search.user,
            credential_id: search.credential,
            from: begin(search.from, Date.now()),
            to: search.to,
          },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? null,
    // A list that is short and alive keeps itself up to date.
    refetchInterval: ({ state }) => {
      const pages = state.data?.pages ?? [];
      return pages.length <= 2 && pages.some((page) => page.data.some(going)) ? 3000 : false;
    },
  });
  const pages = query.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.data) ?? [], [pages]);
  const keys = useQueries({
    queries: (pages ?? []).slice(0, 40).map((page) => ({
      queryKey: ['runs', 'keys', page.data[0]?.id, page.data.at(-1)?.id, page.data.filter(going).length],
      queryFn: () => callsOf(page.data),
      staleTime: 60_000,
      retry: false,
    })),
    combine: (results) => paidBy(results.flatMap((result) => result.data ?? [])),
  });
  return { ...query, rows, keys };
}

export type Runs = ReturnType<typeof useRuns>;
