import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bigFile } from './desk';
import { api } from './seed';
import { expect, signIn, test } from './world';

// On a document of 104 nodes panning and zooming draws no node component anew, and script stays under 8 ms in the median frame.

type Fiber = { child: Fiber | null; sibling: Fiber | null; alternate: Fiber | null; flags: number; memoizedProps: Record<string, unknown> | null };
type Counted = { nodes: number; components: number };
declare global {
  interface Window {
    latchkeyDrawn: Counted;
  }
}

/** Counts what React draws, as its developer tools do: from the commits, without a trace of it in the product. */
function countDrawings() {
  window.latchkeyDrawn = { nodes: 0, components: 0 };
  const PERFORMED = 1;
  const visit = (next: Fiber, before: Fiber) => {
    if ((next.flags & PERFORMED) !== 0) {
      window.latchkeyDrawn.components += 1;
      const props = next.memoizedProps;
      if (props !== null && typeof props === 'object' && 'positionAbsoluteX' in props) window.latchkeyDrawn.nodes += 1;
    }
    if (next.child === before.child) return;
    for (let child = next.child; child !== null; child = child.sibling) if (child.alternate !== null) visit(child, child.alternate);
  };
  const hook = {
    supportsFiber: true,
    renderers: new Map(),
    inject: () => 1,
    onCommitFiberRoot: (_id: number, root: { current: Fiber }) => {
      if (root.current.alternate !== null) visit(root.current, root.current.alternate);
    },
    onCommitFiberUnmount: () => undefined,
    onPostCommitFiberRoot: () => undefined,
    checkDCE: () => undefined,
  };
  Object.defineProperty(window, '__REACT_DEVTOOLS_GLOBAL_HOOK__', { value: hook });
}

type TraceEvent = { name: string; ph: string; ts: number; dur?: number; tdur?: number; pid: number; tid: number; args?: { name?: string } };
const SCRIPT = new Set(['FunctionCall', 'EvaluateScript', 'FireAnimationFrame', 'TimerFire', 'RunMicrotasks', 'EventDispatch', 'V8.GCScavenger', 'MinorGC', 'MajorGC']);

/** Milliseconds of script on the page's main thread in each frame: the thread's own time, so that other work on the machine counts less. */
function scriptPerFrame(trace: TraceEvent[]): number[] {
  const mains = new Set(trace.filter((event) => event.name === 'thread_name' && event.args?.name === 'CrRendererMain').map((event) => `${event.pid}/${event.tid}`));
  const here = trace.filter((event) => mains.has(`${event.pid}/${event.tid}`));
  const work = here.filter((event) => event.ph === 'X' && SCRIPT.has(event.name) && event.dur !== undefined).sort((a, b) => a.ts - b.ts);
  const busiest = [...mains].map((main) => ({ main, sum: work.filter((event) => `${event.pid}/${event.tid}` === main).reduce((sum, event) => sum + (event.dur ?? 0), 0) })).sort((a, b) => b.sum - a.sum)[0]?.main;
  const frames = here.filter((event) => event.name === 'BeginMainThreadFrame' && `${event.pid}/${event.tid}` === busiest).map((event) => event.ts).sort((a, b) => a - b);
  const spent = new Array<number>(frames.length).fill(0);
  let end = 0;
  let frame = 0;
  for (const event of work.filter((each) => `${each.pid}/${each.tid}` === busiest)) {
    // Calls inside of calls are counted once.
    const from = Math.max(event.ts, end);
    const to = event.ts + (event.dur ?? 0);
    if (to <= from) continue;
    end = to;
    while (frame + 1 < frames.length && (frames[frame + 1] ?? Infinity) <= from) frame += 1;
    const share = (to - from) / Math.max(1, event.dur ?? 1);
    if (frame < spent.length) spent[frame] = (spent[frame] ?? 0) + (share * (event.tdur ?? event.dur ?? 0)) / 1000;
  }
  return spent;
}

const middle = (values: number[], part: number): number => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0;

test('panning and zooming a document of 104 nodes', async ({ browser, world }) => {
  const { url, token } = world.server;
  const made = await api(url, token)('POST', '/workflows/import', { content: bigFile(104), bind: true });
  const id = (made.workflow as { id: string }).id;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addInitScript(countDrawings);
  const page = await context.newPage();
  await signIn(page, world.pages.url);
  await page.goto(`${world.pages.url}/workflows/${id}`);
  await expect(page.locator('.react-flow__node')).toHaveCount(104);
  await expect(page.getByRole('button', { name: /problem/ }).or(page.getByLabel('No problems'))).toBeVisible();
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => {
    window.latchkeyDrawn = { nodes: 0, components: 0 };
  });

  await browser.startTracing(page, { categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'disabled-by-default-devtools.timeline.frame', 'v8', 'toplevel'] });
  const nextFrame = () => page.evaluate(() => new Promise<void>((resolve) => requestAnimationFrame(() => resolve())));
  await page.mouse.move(720, 60 + 400);
  for (let step = 0; step < 60; step += 1) {
    await page.mouse.wheel(step < 30 ? 24 : -24, step % 2 === 0 ? 12 : -12);
    await nextFrame();
  }
  await page.keyboard.down('Control');
  for (let step = 0; step < 40; step += 1) {
    await page.mouse.wheel(0, step < 20 ? -20 : 20);
    await nextFrame();
  }
  await page.keyboard.up('Control');
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const drawn = await page.evaluate(() => window.latchkeyDrawn);
  const frames = scriptPerFrame(trace.traceEvents);
  const busy = frames.filter((ms) => ms > 0);
  const result = {
    nodes: 104, node_components_drawn_again: drawn.nodes, other_components_drawn: drawn.components, frames: frames.length, frames_with_script: busy.length,
    script_ms_per_frame: { median: Number(middle(busy, 0.5).toFixed(2)), p95: Number(middle(busy, 0.95).toFixed(2)), most: Number(Math.max(0, ...busy).toFixed(2)) },
  };
  console.log(JSON.stringify(result));
  mkdirSync(join(import.meta.dirname, 'results'), { recursive: true });
  writeFileSync(join(import.meta.dirname, 'results', 'canvas.json'), `${JSON.stringify(result, null, 2)}\n`);
  // The counter counts: a node that is selected is drawn again, and only that one.
  await page.getByRole('button', { name: 'Fit' }).click();
  await page.evaluate(() => {
    window.latchkeyDrawn = { nodes: 0, components: 0 };
  });
  await page.locator('.react-flow__node-card').nth(5).click();
  await expect(page.locator('.nd.sel')).toHaveCount(1);
  const selected = await page.evaluate(() => window.latchkeyDrawn.nodes);
  expect(selected).toBeGreaterThan(0);
  expect(selected).toBeLessThan(10);
  expect(drawn.components).toBeGreaterThan(0);
  expect(drawn.nodes).toBe(0);
  expect(frames.length).toBeGreaterThan(50);
  expect(middle(busy, 0.5)).toBeLessThanOrEqual(8);
  await context.close();
});
