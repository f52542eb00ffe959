import { describe, expect, it } from 'vitest';

import { type Draft, containerOf, findNode, readDraft } from '../draft';
import { handleTop, rowsOf, sizeOf } from '../geometry';
import { branchesOf, handlesOf } from '../kinds';
import { needsLayout, tidy } from '../layout';
import { edge, node, sample } from './sample';

function overlaps(draft: Draft): string[] {
  const found: string[] = [];
  for (const a of draft.nodes) {
    for (const b of draft.nodes) {
      if (a.id >= b.id || containerOf(a) !== containerOf(b)) continue;
      const [s, t] = [sizeOf(a), sizeOf(b)];
      const apart =
        a.position.x + s.width <= b.position.x ||
        b.position.x + t.width <= a.position.x ||
        a.position.y + s.height <= b.position.y ||
        b.position.y + t.height <= a.position.y;
      if (!apart) found.push(`${a.id}/${b.id}`);
    }
  }
  return found;
}

describe('tidy', () => {
  it('puts no card over another, and predecessors to the left', () => {
    const draft = tidy(sample());
    expect(overlaps(draft)).toEqual([]);
    for (const item of draft.edges) {
      const [from, to] = [findNode(draft, item.source), findNode(draft, item.target)];
      expect((from?.position.x ?? 0) < (to?.position.x ?? 0)).toBe(true);
    }
  });

  it('makes a container as large as what it holds', () => {
    const draft = tidy(sample());
    const box = findNode(draft, 'each');
    const size = box === undefined ? { width: 0, height: 0 } : sizeOf(box);
    for (const inside of draft.nodes.filter((item) => containerOf(item) === 'each')) {
      const inner = sizeOf(inside);
      expect(inside.position.x + inner.width).toBeLessThanOrEqual(size.width);
      expect(inside.position.y + inner.height).toBeLessThanOrEqual(size.height);
      expect(inside.position.y).toBeGreaterThan(38);
    }
  });

  it('lays out 104 nodes', () => {
    const nodes = Array.from({ length: 104 }, (_, index) => node(`n${index}`, { type: index === 0 ? 'start' : 'code' }));
    const edges = nodes.slice(1).map((item, index) => edge(`n${Math.floor(index / 2)}`, item.id));
    const draft = readDraft({ workflow: { graph: { nodes, edges } } });
    expect(needsLayout(draft)).toBe(true);
    expect(overlaps(tidy(draft))).toEqual([]);
    expect(needsLayout(tidy(draft))).toBe(false);
  });
});

describe('handles', () => {
  it('an if-else has one for each case and one for the rest', () => {
    const data = {
      cases: [
        { case_id: 'true', conditions: [] },
        { case_id: 'b', conditions: [] },
      ],
      error_strategy: 'fail-branch',
    };
    expect(branchesOf('if-else', data).map((branch) => [branch.handle, branch.label])).toEqual([
      ['true', 'if'],
      ['b', 'elif'],
      ['false', 'else'],
      ['fail-branch', 'error'],
    ]);
  });

  it('an old if-else has its one case at the top', () => {
    expect(handlesOf('if-else', { conditions: [{}], logical_operator: 'or' })).toEqual(['true', 'false']);
  });

  it('a plain node has one, and one more for errors', () => {
    expect(handlesOf('code', {})).toEqual(['source']);
    expect(handlesOf('code', { error_strategy: 'fail-branch' })).toEqual(['source', 'fail-branch']);
    expect(handlesOf('end', {})).toEqual([]);
  });

  it('stand beside their rows', () => {
    const data = { classes: [{ id: '1' }, { id: '2' }], model: { name: 'm' } };
    expect(rowsOf('question-classifier', data)).toBe(4);
    expect(handleTop('question-classifier', data, '1')).toBe(38 + 2 * 29 + 12);
    expect(handleTop('code', {}, 'source')).toBe(19);
  });
});
