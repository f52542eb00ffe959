/** What the page of a run shows: the run itself, its executions and its rows of the ledger; of a run that goes on, as its events tell. */
import { exportWorkflow, getDraft, getRun, listModelCallsOfRun, listNodeExecutions, type ModelCallView, type RunView } from '@latchkey/client';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { parse } from 'yaml';
import { ok } from '@/api/http';
import { all } from '@/api/queries';
import { type Draft, readDraft } from '@/editor/document/draft';
import { isObject, type JsonObject } from '@/editor/document/json';
import type { Execution } from '@/editor/document/run/events';
import { isOver } from '@/editor/document/run/state';
import { createRunner, type RunnerState } from '@/editor/run/runner';
import { executionsOf } from '@/editor/run/RunTrace';
import { useStore } from '@/editor/state/store';

const OVER = new Set(['succeeded', 'partial-succeeded', 'failed', 'stopped']);
export const isEnded = (run: Pick<RunView, 'status'>): boolean => OVER.has(run.status);

export const oneRun = (id: string) => queryOptions({ queryKey: ['runs', 'one', id], queryFn: () => ok(getRun({ path: { id } })), staleTime: 2000 });

const NOBODY: Draft = { document: {}, nodes: [], edges: [] };
const NO_EXECUTIONS: Execution[] = [];
const NO_CALLS: ModelCallView[] = [];

/** Follows a run to its end; every new event is shown as it comes. */
export function useFollowed(id: string, going: boolean): RunnerState {
  const [runner] = useState(() => createRunner('', () => NOBODY));
  const client = useQueryClient();
  const state = useStore(runner.store, (value) => value);
  const over = state.run !== undefined && isOver(state.run);
  useEffect(() => {
    if (going) runner.follow(id);
    return () => runner.clear();
  }, [going, id, runner]);
  useEffect(() => {
    if (over || state.run?.status === 'paused') void client.invalidateQueries({ queryKey: ['runs', 'one', id] });
  }, [over, state.run?.status, client, id]);
  return state;
}

export function useExecutions(run: RunView, followed: RunnerState) {
  const ended = isEnded(run) || run.status === 'paused';
  const query = useQuery({
    queryKey: ['runs', 'one', run.id, 'executions', run.status],
    queryFn: () => ok(listNodeExecutions({ path: { id: run.id } })),
    enabled: ended,
    staleTime: Infinity,
  });
  const live = useMemo(() => (followed.run === undefined ? NO_EXECUTIONS : executionsOf(followed.run)), [followed.run]);
  return { executions: (query.data as Execution[] | undefined) ?? (ended ? NO_EXECUTIONS : live), error: query.error, pending: ended && query.isPending, refetch: query.refetch };
}

export function useLedger(run: RunView) {
  const ended = isEnded(run);
  const query = useQuery({
    queryKey: ['runs', 'one', run.id, 'calls', ended],
    queryFn: () => all<ModelCallView>((cursor) => ok(listModelCallsOfRun({ path: { id: run.id }, query: { limit: 200, cursor } })), 10_000),
    refetchInterval: ended ? false : 2000,
    placeholderData: (before) => before,
  });
  return { calls: query.data ?? NO_CALLS, error: query.error, refetch: query.refetch };
}

/** The document that ran, for what was skipped and for titles. It may be gone; the trace does without it. */
export function useRanDocument(run: RunView): Draft | undefined {
  const { data } = useQuery({
    queryKey: ['workflows', run.workflow_id, 'ran', run.version],
    staleTime: Infinity,
    retry: false,
    queryFn: async (): Promise<Draft> => {
      if (typeof run.version !== 'number') return readDraft((await ok(getDraft({ path: { id: run.workflow_id } }))) as JsonObject);
      const read: unknown = parse(String(await ok(exportWorkflow({ path: { id: run.workflow_id }, query: { version: String(run.version) }, parseAs: 'text' }))));
      return readDraft(isObject(read) ? read : {});
    },
  });
  return data;
}
