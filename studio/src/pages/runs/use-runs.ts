import { listRuns, type RunView } from '@latchkey/client';
import { useInfiniteQuery } from '@tanstack/react-query';
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
  return { ...query, rows };
}

export type Runs = ReturnType<typeof useRuns>;
