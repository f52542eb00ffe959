import { describe, expect, it } from 'vitest';

import { type RunEvent, readEvent } from '../run/events';
import { pathsOf } from '../run/paths';
import { type RunState, after, emptyRun, inOrder, latest, payers } from '../run/state';
import { addUp, ticksOf, visible, waterfallOf } from '../run/waterfall';
import { sample } from './sample';

const T0 = Date.parse('2026-11-27T10:00:00Z');
let sequence = 0;

function event(ms: number, name: string, data: object): RunEvent {
  sequence += 1;
  const read = readEvent(name, JSON.stringify({ run_id: 'r', sequence, at: new Date(T0 + ms).toISOString(), ...data }));
  if (read === undefined) throw new Error(`no event: ${name}`);
  return read;
}

const start = (ms: number, id: string, kind: string, index: number, path: object[] = [], predecessor?: string) =>
  event(ms, 'node_started', { node_id: id, execution_id: `x-${id}-${index}`, type: kind, title: id, index, iteration_path: path, predecessor });
const finish = (ms: number, id: string, kind: string, index: number, more: object = {}) =>
  event(ms, 'node_finished', {
    id: `x-${id}-${index}`,
    node_id: id,
    type: kind,
    title: id,
    index,
    iteration_path: [],
    status: 'succeeded',
    attempts: 1,
    started_at: new Date(T0).toISOString(),
    elapsed_ms: 7,
    input_tokens: 0,
    output_tokens: 0,
    ...more,
  });
const resolution = { credential_name: 'customer-acme', provider: 'openai', level: 'node', considered: [] };
const play = (...events: RunEvent[]): RunState => events.reduce(after, emptyRun);

describe('a run, event by event', () => {
  it('streams, retries and ends', () => {
    const events = [
      event(0, 'run_started', { inputs: { tenant: 'acme' } }),
      start(1, 'start', 'start', 1),
      finish(2, 'start', 'start', 1),
      start(2, 'fetch', 'http-request', 2, [], 'start'),
      event(5, 'node_retry', {
        node_id: 'fetch',
        execution_id: 'x-fetch-2',
        retry_index: 1,
        error: { error_type: 'HTTPResponseCodeError', message: '503' },
      }),
    ];
    let run = play(...events);
    expect(latest(run, 'fetch')).toMatchObject({ phase: 'retrying', tries: 2, predecessor: 'start' });
    run = after(run, finish(8, 'fetch', 'http-request', 2, { attempts: 2 }));
    run = after(run, start(9, 'reply', 'llm', 3));
    run = after(run, event(10, 'model_call', { call_id: 'c', node_id: 'reply', execution_id: 'x-reply-3', attempt: 1, model: 'm', resolution }));
    run = after(run, event(12, 'text_chunk', { node_id: 'reply', selector: ['reply', 'text'], text: 'Bon', is_final: false }));
    expect(run).toMatchObject({ text: 'Bon', speaker: 'reply', firstTextMs: 12 });
    expect(run.nodes.reply?.phase).toBe('streaming');
    run = after(run, event(13, 'text_chunk', { node_id: 'reply', selector: ['reply', 'text'], text: 'jour', is_final: true }));
    expect(run.speaker).toBeUndefined();
    run = after(run, finish(14, 'reply', 'llm', 3, { input_tokens: 4, output_tokens: 2, resolution }));
    run = after(
      run,
      event(15, 'run_finished', {
        status: 'succeeded',
        outputs: { answer: 'Bonjour' },
        usage: { input_tokens: 4, output_tokens: 2, cost: [], unpriced_calls: 0 },
        steps: 3,
        exceptions: 1,
      }),
    );
    expect(run).toMatchObject({ status: 'succeeded', text: 'Bonjour', finishedAt: T0 + 15 });
    expect(inOrder(run).map((item) => [item.node, item.phase])).toEqual([
      ['start', 'succeeded'],
      ['fetch', 'succeeded'],
      ['reply', 'succeeded'],
    ]);
    expect(payers(run)).toEqual([{ key: 'openai/customer-acme/node', resolution, calls: 1 }]);
  });

  it('tolerated failures say how they went on', () => {
    const run = play(
      event(0, 'run_started', { inputs: {} }),
      start(1, 'a', 'code', 1),
      finish(2, 'a', 'code', 1, { status: 'exception', outputs: { error_message: 'x', error_type: 'E', result: 'default' } }),
      start(1, 'b', 'code', 2),
      finish(2, 'b', 'code', 2, { status: 'exception', outputs: { error_message: 'x', error_type: 'E' } }),
    );
    expect(run.nodes.a?.phase).toBe('defaulted');
    expect(run.nodes.b?.phase).toBe('branched');
  });

  it('counts the rounds of an iteration', () => {
    const inside = (index: number) => [{ node_id: 'each', index }];
    let run = play(
      event(0, 'run_started', { inputs: {} }),
      start(1, 'each', 'iteration', 1),
      event(1, 'iteration_started', { node_id: 'each', execution_id: 'x-each-1', iteration_path: [], length: 3, inputs: {} }),
      start(2, 'inner', 'llm', 2, inside(0)),
      start(2, 'inner', 'llm', 3, inside(1)),
    );
    expect(run.nodes.each?.rounds).toEqual({ done: 0, length: 3 });
    run = after(run, finish(5, 'inner', 'llm', 2, { iteration_path: inside(0) }));
    expect(run.nodes.each?.rounds).toEqual({ done: 1, length: 3 });
    expect(run.nodes.inner?.executions).toHaveLength(2);
    expect(run.nodes.inner?.phase).toBe('running');
    run = after(
      run,
      event(9, 'iteration_succeeded', {
        node_id: 'each',
        execution_id: 'x-each-1',
        iteration_path: [],
        steps: 3,
        outputs: {},
        durations_ms: [1, 2, 3],
      }),
    );
    expect(run.nodes.each?.rounds).toEqual({ done: 3, length: 3 });
  });

  it('a stopped run leaves nothing running, and a paused one waits at its form', () => {
    const usage = { input_tokens: 0, output_tokens: 0, cost: [], unpriced_calls: 0 };
    const begun = play(
      event(0, 'run_started', { inputs: {} }),
      start(1, 'ask', 'human-input', 1),
      event(2, 'form_requested', { form_id: 'f', node_id: 'ask' }),
    );
    expect(after(begun, event(3, 'run_paused', { usage, outputs: {}, steps: 1, exceptions: 0 })).nodes.ask?.phase).toBe('paused');
    const stopped = after(begun, event(3, 'run_finished', { status: 'stopped', outputs: {}, usage, steps: 1, exceptions: 0 }));
    expect(stopped.nodes.ask?.phase).toBe('stopped');
  });

  it('a stream that begins again takes back what was said', () => {
    const run = play(
      event(0, 'run_started', { inputs: {} }),
      event(1, 'text_chunk', { node_id: 'a', selector: [], text: 'half a', is_final: false }),
      event(2, 'node_restarted', { node_id: 'a', text: '' }),
    );
    expect(run.text).toBe('');
  });

  it('unknown events are none', () => {
    expect(readEvent('ping', '{}')).toBeUndefined();
    expect(readEvent('something_new', '{}')).toBeUndefined();
  });
});

describe('paths', () => {
  it('the branch that was not taken is skipped, and what only it leads to', () => {
    const run = play(
      event(0, 'run_started', { inputs: {} }),
      start(1, 'start', 'start', 1),
      finish(2, 'start', 'start', 1),
      start(2, 'classify', 'question-classifier', 2),
      finish(3, 'classify', 'question-classifier', 2, { outputs: { class_id: '1' } }),
      start(4, 'fetch', 'http-request', 3),
    );
    const { edges, skipped } = pathsOf(sample(), run);
    expect([...skipped].sort()).toEqual(['each', 'inner']);
    expect(edges.get('start-source-classify-target')).toBe('taken');
    expect(edges.get('classify-1-fetch-target')).toBe('active');
    expect(edges.get('classify-2-each-target')).toBe('untaken');
    expect(edges.get('each-source-merge-target')).toBe('untaken');
    expect(edges.get('merge-source-answer-target')).toBe('idle');
  });
});

describe('a run that was cut off', () => {
  it('has skipped nothing that it did not reach', () => {
    const usage = { input_tokens: 0, output_tokens: 0, cost: [], unpriced_calls: 0 };
    const run = play(
      event(0, 'run_started', { inputs: {} }), start(1, 'start', 'start', 1), finish(2, 'start', 'start', 1), start(2, 'classify', 'question-classifier', 2),
      finish(3, 'classify', 'question-classifier', 2, { status: 'failed' }), event(4, 'run_finished', { status: 'failed', outputs: {}, usage, steps: 2, exceptions: 1 }),
    );
    const { edges, skipped } = pathsOf(sample(), run);
    expect([...skipped]).toEqual([]);
    expect(edges.get('classify-1-fetch-target')).toBe('idle');
  });
});

describe('waterfall', () => {
  const at = (ms: number) => new Date(T0 + ms).toISOString();
  const execution = (
    id: string,
    node: string,
    type: string,
    index: number,
    from: number,
    elapsed: number | null,
    path: { node_id: string; index: number }[] = [],
  ) => ({
    id,
    node_id: node,
    type,
    title: node,
    index,
    iteration_path: path,
    status: 'succeeded',
    attempts: 1,
    started_at: at(from),
    elapsed_ms: elapsed,
    input_tokens: 3,
    output_tokens: 4,
  });
  const call = (id: string, exec: string, from: number, latency: number, first: number | null, outcome = 'succeeded', amount = '0.0005') => ({
    id,
    node_execution_id: exec,
    attempt: 1,
    opened_at: at(from),
    latency_ms: latency,
    first_token_ms: first,
    outcome,
    provider: 'openai',
    model: 'm',
    cost: { amount, currency: 'USD' },
    input_tokens: 1,
    output_tokens: 2,
  });
  const executions = [
    execution('1', 'start', 'start', 1, 0, 0),
    execution('2', 'each', 'iteration', 2, 10, 2900),
    execution('4', 'inner', 'llm', 4, 20, 1000, [{ node_id: 'each', index: 1 }]),
    execution('3', 'inner', 'llm', 3, 15, 1200, [{ node_id: 'each', index: 0 }]),
    execution('5', 'reply', 'llm', 5, 3000, 4900),
  ];
  const calls = [
    call('a', '3', 20, 100, null, 'failed', '0'),
    call('b', '3', 130, 1000, 200),
    call('c', '4', 20, 900, 100),
    call('d', '5', 3000, 4800, 412, 'succeeded', '0.0012'),
  ];
  const trace = waterfallOf(executions, calls, at(0), undefined);

  it('orders rounds under their container', () => {
    expect(trace.rows.map((row) => [row.node, row.depth, row.round])).toEqual([
      ['start', 0, undefined],
      ['each', 0, undefined],
      ['inner', 1, 0],
      ['inner', 1, 1],
      ['reply', 0, undefined],
    ]);
    expect(trace.rows[1]?.children).toBe(2);
  });

  it('divides bars into waiting, streaming and failed tries', () => {
    expect(trace.rows[2]?.segments).toEqual([
      { kind: 'failed', from: 20, to: 120 },
      { kind: 'wait', from: 130, to: 330 },
      { kind: 'model', from: 330, to: 1130 },
    ]);
    expect(trace.rows[2]?.tries).toBe(2);
    expect(trace.rows[1]?.segments).toEqual([{ kind: 'box', from: 10, to: 2910 }]);
  });

  it('a container costs what its rounds cost', () => {
    expect(trace.rows[1]?.cost).toEqual([{ currency: 'USD', amount: '0.001' }]);
    expect(addUp([{ currency: 'USD', amount: '0.1' }, { currency: 'EUR', amount: '1' }, { currency: 'USD', amount: '0.2' }, null])).toEqual([
      { currency: 'USD', amount: '0.3' },
      { currency: 'EUR', amount: '1' },
    ]);
  });

  it('has an axis of round steps', () => {
    expect(trace.length).toBe(7900);
    expect(trace.ticks).toEqual([0, 2000, 4000, 6000]);
    expect(ticksOf(0)).toEqual([0]);
    expect(ticksOf(130_000)).toEqual([0, 30_000, 60_000, 90_000, 120_000]);
  });

  it('a run that goes on reaches to now', () => {
    const live = waterfallOf([execution('1', 'start', 'llm', 1, 0, null)], [], at(0), T0 + 500);
    expect(live.rows[0]?.to).toBe(500);
  });

  it('folds, and shows long containers in pages', () => {
    expect(visible(trace.rows, new Set(['2']), new Map()).map((row) => row.node)).toEqual(['start', 'each', 'reply']);
    expect(visible(trace.rows, new Set(), new Map([['2', 1]]), 1).map((row) => row.id)).toEqual(['1', '2', '4', '5']);
  });
});
