import { describe, expect, it } from 'vitest';

import {
  addAfter,
  addNode,
  connect,
  copyOf,
  duplicate,
  insertOnEdge,
  mayConnect,
  moveNodes,
  paste,
  removeEdges,
  removeNodes,
  renameNode,
  renameReferences,
  setContainer,
  setData,
  setDocument,
  setValue,
} from '../commands';
import { containerOf, findNode, kindOf, readDraft, titleOf, writeDraft } from '../draft';
import { begin, edit, redo, undo } from '../history';
import { obj } from '../json';
import { sample } from './sample';

const ids = (draft: { nodes: readonly { id: string }[] }) => draft.nodes.map((item) => item.id);

describe('reading and writing', () => {
  it('keeps whatever it does not know', () => {
    const draft = sample();
    expect(writeDraft(readDraft(writeDraft(draft)))).toEqual(writeDraft(draft));
    expect(obj(writeDraft(draft).workflow).features).toEqual({ opening_statement: 'Hello' });
    expect(writeDraft(draft).dependencies).toEqual([{ type: 'marketplace', value: { something: 1 } }]);
    expect(obj(obj(writeDraft(draft).workflow).graph).viewport).toEqual({ x: 1, y: 2, zoom: 0.5 });
  });

  it('reads an empty document', () => {
    expect(readDraft({}).nodes).toEqual([]);
  });
});

describe('adding', () => {
  it('gives an iteration its start, and a title of its own', () => {
    const first = addNode(sample(), { kind: 'iteration', title: 'Each', position: { x: 10.4, y: 20.6 } }, 1_700_000_000_000);
    const second = addNode(first.draft, { kind: 'iteration', title: 'Each', position: { x: 0, y: 0 } }, 1_700_000_000_000);
    expect(second.focus).not.toBe(first.focus);
    const box = findNode(second.draft, second.focus ?? '');
    expect(box && titleOf(box)).toBe('Each 2');
    const inside = second.draft.nodes.filter((item) => containerOf(item) === second.focus);
    expect(inside.map(kindOf)).toEqual(['iteration-start']);
    expect(box?.data.start_node_id).toBe(inside[0]?.id);
    expect(findNode(first.draft, first.focus ?? '')?.position).toEqual({ x: 10, y: 21 });
  });

  it('puts a node inside of a container and connects it there', () => {
    const added = addAfter(sample(), 'inner', 'source', { kind: 'code', title: 'Code', position: { x: 1, y: 1 }, container: 'each' }, 5);
    const inside = findNode(added.draft, added.focus ?? '');
    expect(inside && containerOf(inside)).toBe('each');
    const last = added.draft.edges.at(-1);
    expect(last?.source).toBe('inner');
    expect(obj(last?.data).iteration_id).toBe('each');
  });

  it('puts a node into an edge', () => {
    const added = insertOnEdge(sample(), 'merge-source-answer-target', { kind: 'template-transform', title: 'T', position: { x: 0, y: 0 } }, 9);
    const pairs = added.draft.edges.map((item) => `${item.source}>${item.target}`);
    expect(pairs).toContain('merge>9');
    expect(pairs).toContain('9>answer');
    expect(pairs).not.toContain('merge>answer');
  });
});

describe('connecting', () => {
  const cases: [string, string, string, ReturnType<typeof mayConnect>][] = [
    ['fetch', 'fail-branch', 'answer', undefined],
    ['fetch', 'nothing', 'answer', 'no_handle'],
    ['answer', 'source', 'start', 'no_input'],
    ['answer', 'source', 'classify', 'cycle'],
    ['merge', 'source', 'answer', 'exists'],
    ['inner', 'source', 'answer', 'container'],
    ['merge', 'source', 'merge', 'same_node'],
    ['classify', 'source', 'merge', 'no_handle'],
  ];
  it.each(cases)('%s.%s to %s: %s', (source, handle, target, refusal) => {
    const draft = sample();
    expect(mayConnect(draft, source, handle, target)).toBe(refusal);
    expect(connect(draft, source, handle, target).draft === draft).toBe(refusal !== undefined);
  });

  it('loses an edge', () => {
    expect(removeEdges(sample(), ['merge-source-answer-target']).draft.edges).toHaveLength(6);
  });
});

describe('removing', () => {
  it('takes what is inside and the edges with it', () => {
    const { draft } = removeNodes(sample(), ['each']);
    expect(ids(draft)).toEqual(['start', 'classify', 'fetch', 'merge', 'answer']);
    expect(draft.edges.some((item) => item.source === 'each' || item.target === 'inner')).toBe(false);
  });

  it('does not take the start of a container alone', () => {
    const draft = sample();
    expect(removeNodes(draft, ['eachstart']).draft).toBe(draft);
  });
});

describe('moving', () => {
  it('keeps the identity of whatever stays', () => {
    const draft = sample();
    const { draft: next } = moveNodes(
      draft,
      new Map([
        ['fetch', { x: 5, y: 6 }],
        ['merge', { x: 0, y: 0 }],
      ]),
    );
    expect(findNode(next, 'fetch')?.position).toEqual({ x: 5, y: 6 });
    expect(findNode(next, 'merge')).toBe(findNode(draft, 'merge'));
    expect(moveNodes(draft, new Map([['merge', { x: 0.2, y: 0 }]])).draft).toBe(draft);
  });

  it('into a container loses the edges over its border, and out again its membership', () => {
    const inside = setContainer(sample(), 'fetch', 'each', { x: 9, y: 9 }).draft;
    const moved = findNode(inside, 'fetch');
    expect(moved && containerOf(moved)).toBe('each');
    expect(inside.edges.some((item) => item.source === 'fetch' || item.target === 'fetch')).toBe(false);
    const out = findNode(setContainer(inside, 'fetch', undefined, { x: 1, y: 1 }).draft, 'fetch');
    expect(out && containerOf(out)).toBeUndefined();
    expect(out?.data.isInIteration).toBeUndefined();
  });
});

describe('changing', () => {
  it('a class that is gone takes its edge', () => {
    const draft = sample();
    const { draft: next } = setValue(draft, 'classify', ['classes'], [{ id: '1', name: 'Billing' }]);
    expect(next.edges.some((item) => item.source === 'classify' && item.target === 'each')).toBe(false);
    expect(next.edges.some((item) => item.source === 'classify' && item.target === 'fetch')).toBe(true);
  });

  it('the same data is no change', () => {
    const draft = sample();
    expect(setData(draft, 'merge', { ...findNode(draft, 'merge')?.data }).draft).toBe(draft);
    expect(renameNode(draft, 'merge', '  ').draft).toBe(draft);
  });

  it('a renamed variable is renamed in texts and selectors', () => {
    const next = renameReferences(renameReferences(sample(), ['start', 'tenant'], ['start', 'customer']), ['fetch', 'body'], ['fetch', 'text']);
    expect(findNode(next, 'fetch')?.data.url).toBe('/v2/{{#start.customer#}}');
    expect(JSON.stringify(findNode(next, 'inner')?.data)).toContain('{{#each.item#}} {{#start.customer#}}');
    expect(findNode(next, 'merge')?.data.variables).toEqual([
      ['fetch', 'text'],
      ['each', 'output'],
    ]);
  });

  it('something outside of the graph', () => {
    const next = setDocument(sample(), ['workflow', 'features', 'opening_statement'], 'Hi').draft;
    expect(obj(obj(writeDraft(next).workflow).features).opening_statement).toBe('Hi');
  });
});

describe('copying', () => {
  it('a container is copied whole, and what is inside refers to the copy', () => {
    const done = duplicate(sample(), ['each'], { x: 40, y: 40 }, 100);
    const copy = findNode(done.draft, done.focus ?? '');
    const inside = done.draft.nodes.filter((item) => containerOf(item) === copy?.id);
    expect(inside).toHaveLength(2);
    expect(copy?.data.start_node_id).toBe(`${copy?.id}start`);
    const inner = inside.find((item) => kindOf(item) === 'llm');
    expect(JSON.stringify(inner?.data)).toContain(`{{#${copy?.id}.item#}}`);
    expect(JSON.stringify(inner?.data)).toContain('{{#start.tenant#}}');
    expect(copy?.data.output_selector).toEqual([inner?.id, 'text']);
    expect(done.draft.edges.some((item) => item.source === `${copy?.id}start` && item.target === inner?.id)).toBe(true);
    expect(new Set(ids(done.draft)).size).toBe(done.draft.nodes.length);
  });

  it('the start node is not', () => {
    const draft = sample();
    expect(duplicate(draft, ['start'], { x: 1, y: 1 }, 1).draft).toBe(draft);
  });

  it('the clipboard survives the origin', () => {
    const clip = copyOf(sample(), ['fetch', 'merge']);
    const { draft } = paste(removeNodes(sample(), ['fetch', 'merge']).draft, clip, { x: 0, y: 0 }, 77);
    expect(draft.edges.some((item) => item.source === '77' && item.target === '78')).toBe(true);
    expect(findNode(draft, '78')?.data.variables).toEqual([
      ['77', 'body'],
      ['each', 'output'],
    ]);
  });
});

describe('undo and redo', () => {
  it('go back and forth, and typing is one step', () => {
    const draft = sample();
    let history = begin(draft);
    history = edit(history, renameNode(draft, 'merge', 'A').draft, 1000, 'title:merge');
    history = edit(history, renameNode(draft, 'merge', 'AB').draft, 1500, 'title:merge');
    history = edit(history, renameNode(draft, 'fetch', 'F').draft, 1600, 'title:fetch');
    expect(history.past).toHaveLength(2);
    history = undo(undo(history));
    expect(history.now).toBe(draft);
    expect(undo(history)).toBe(history);
    history = redo(history);
    expect(titleOf(history.now.nodes[6] as never)).toBe('AB');
    history = edit(history, removeNodes(history.now, ['merge']).draft, 9000);
    expect(history.future).toHaveLength(0);
    expect(edit(history, history.now, 9001)).toBe(history);
  });
});
