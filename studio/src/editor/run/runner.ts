/** A test run beside the canvas: started, followed event by event, stopped. */
import { followEvents, startRun, type StartBody, stopRun } from '@latchkey/client';
import { ok, request, sessionHeaders } from '@/api/http';
import type { Draft } from '../document/draft';
import type { JsonObject } from '../document/json';
import { readEvent, type RunEvent } from '../document/run/events';
import { type Paths, pathsOf } from '../document/run/paths';
import { after, emptyRun, isOver, type RunState } from '../document/run/state';
import { createStore, type Store } from '../state/store';

export interface RunnerState {
  run: RunState | undefined;
  paths: Paths | undefined;
  log: readonly RunEvent[];
  /** The run that is followed. */
  id: string | undefined;
  starting: boolean;
  stopping: boolean;
  /** Why it could not be started. */
  error: unknown;
  /** The one node that was run alone. */
  only: string | undefined;
  lost: boolean;
}

export interface Runner {
  readonly store: Store<RunnerState>;
  start: (body: StartBody) => Promise<void>;
  startNode: (node: string, inputs: JsonObject) => Promise<void>;
  follow: (id: string) => void;
  stop: () => Promise<void>;
  clear: () => void;
}

const NOTHING: RunnerState = {
  run: undefined, paths: undefined, log: [], id: undefined, starting: false, stopping: false, error: undefined, only: undefined, lost: false,
};

const LAST = ['run_finished', 'run_paused'];

export function createRunner(workflow: string, draft: () => Draft): Runner {
  const store = createStore<RunnerState>(NOTHING);
  let following: AbortController | undefined;
  let waiting: RunEvent[] = [];
  let frame = 0;

  // Tokens come faster than anybody reads: what has arrived is shown once in a frame.
  const show = () => {
    frame = 0;
    const events = waiting;
    waiting = [];
    store.set((old) => {
      const run = events.reduce(after, old.run ?? emptyRun);
      const turned = events.some((event) => event.event !== 'text_chunk' && event.event !== 'reasoning_chunk');
      const spoke = run.nodes !== old.run?.nodes;
      return {
        ...old,
        run,
        // A node that runs alone says nothing about the others.
        paths: old.only !== undefined ? undefined : turned || spoke ? pathsOf(draft(), run) : old.paths,
        log: turned ? [...old.log, ...events.filter((event) => event.event !== 'text_chunk' && event.event !== 'reasoning_chunk')] : old.log,
        stopping: old.stopping && !isOver(run),
        lost: false,
      };
    });
  };

  const follow = async (id: string, abort: AbortController) => {
    try {
      const events = followEvents({
        url: `/api/v1/runs/${id}/events`, headers: sessionHeaders(), signal: abort.signal, last: LAST,
        onLost: () => store.set((old) => ({ ...old, lost: true })),
      });
      for await (const frameOfStream of events) {
        if (abort.signal.aborted) return;
        const event = readEvent(frameOfStream.event, JSON.stringify(frameOfStream.data));
        if (event === undefined) continue;
        waiting.push(event);
        frame ||= requestAnimationFrame(show);
      }
    } catch (error) {
      if (!abort.signal.aborted) store.set((old) => ({ ...old, error }));
    }
  };

  const begin = (only: string | undefined) => {
    following?.abort();
    cancelAnimationFrame(frame);
    frame = 0;
    waiting = [];
    store.set(() => ({ ...NOTHING, starting: true, only, run: emptyRun }));
  };
  const begun = (id: string) => {
    following = new AbortController();
    store.set((old) => ({ ...old, id, starting: false }));
    void follow(id, following);
  };
  const failed = (error: unknown) => store.set((old) => ({ ...NOTHING, error, only: old.only }));

  return {
    store,
    start: async (body) => {
      begin(undefined);
      try {
        const run = await ok(startRun({ path: { id: workflow }, body: { ...body, version: 'draft', response_mode: 'detached' } }));
        begun((run as { id: string }).id);
      } catch (error) {
        failed(error);
      }
    },
    startNode: async (node, inputs) => {
      begin(node);
      try {
        const run = await request<{ id: string }>('POST', `/api/v1/workflows/${workflow}/nodes/${encodeURIComponent(node)}/run`, { inputs, response_mode: 'detached' });
        begun(run.id);
      } catch (error) {
        failed(error);
      }
    },
    follow: (id) => {
      begin(undefined);
      begun(id);
    },
    stop: async () => {
      const { id } = store.get();
      if (id === undefined) return;
      store.set((old) => ({ ...old, stopping: true }));
      try {
        await ok(stopRun({ path: { id } }));
      } catch (error) {
        store.set((old) => ({ ...old, stopping: false, error }));
      }
    },
    clear: () => {
      following?.abort();
      cancelAnimationFrame(frame);
      frame = 0;
      waiting = [];
      store.set(() => NOTHING);
    },
  };
}
