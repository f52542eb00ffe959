import { describe, expect, it } from 'vitest';

import { connect, moveNodes, removeNodes, renameNode, setDocument, setValue } from '../commands';
import { differenceOf, isEmpty, merge } from '../diff';
import { findNode, titleOf } from '../draft';
import { nextProblem, problemsOf, worstByNode } from '../problems';
import { sample } from './sample';

describe('difference', () => {
  it('of a document with itself is none', () => {
    expect(isEmpty(differenceOf(sample(), sample()))).toBe(true);
  });

  it('names what was added, removed, changed and moved', () => {
    const before = sample();
    let after = setValue(before, 'inner', ['prompt_template', 0, 'text'], 'New').draft;
    after = removeNodes(after, ['merge']).draft;
    after = connect(after, 'fetch', 'fail-branch', 'answer').draft;
    after = moveNodes(after, new Map([['start', { x: 9, y: 9 }]])).draft;
    after = setDocument(after, ['app', 'name'], 'Other').draft;
    const difference = differenceOf(before, after);
    expect(difference.nodes.map((change) => [change.what, change.id])).toEqual([
      ['removed', 'merge'],
      ['changed', 'inner'],
    ]);
    const changed = difference.nodes[1];
    expect(changed?.what === 'changed' && changed.changes).toEqual([
      { path: ['prompt_template', 0, 'text'], before: '{{#each.item#}} {{#start.tenant#}}', after: 'New' },
    ]);
    expect(difference.edges.map((change) => `${change.what} ${change.source}>${change.target}`)).toEqual([
      'removed fetch>merge',
      'removed each>merge',
      'removed merge>answer',
      'added fetch>answer',
    ]);
    expect(difference.document).toEqual([{ path: ['app', 'name'], before: 'Support desk', after: 'Other' }]);
    expect(difference.moved).toBe(1);
  });
});

describe('two edits of one draft', () => {
  it('come together when they touch different nodes', () => {
    const base = sample();
    const mine = renameNode(base, 'fetch', 'Mine').draft;
    const theirs = removeNodes(renameNode(base, 'merge', 'Theirs').draft, ['answer']).draft;
    const { draft, conflicts } = merge(base, mine, theirs);
    expect(conflicts).toEqual([]);
    const titles = draft.nodes.map(titleOf);
    expect(titles).toContain('Mine');
    expect(titles).toContain('Theirs');
    expect(findNode(draft, 'answer')).toBeUndefined();
    expect(draft.edges.some((edge) => edge.target === 'answer')).toBe(false);
  });

  it('clash at a node that both have changed; mine is kept', () => {
    const base = sample();
    const { draft, conflicts } = merge(base, renameNode(base, 'fetch', 'Mine').draft, renameNode(base, 'fetch', 'Theirs').draft);
    expect(conflicts).toEqual(['Mine']);
    expect(titleOf(findNode(draft, 'fetch') as never)).toBe('Mine');
  });
});

describe('problems', () => {
  const problems = problemsOf(sample(), [
    { severity: 'info', code: 'version_older', message: '' },
    { severity: 'warning', code: 'credential_missing', message: 'nobody pays', node_id: 'inner' },
    { severity: 'warning', code: 'tool_unbound', message: 'no tool', node_id: 'fetch', field: 'data.url', line: 4 },
    { severity: 'error', code: 'graph_cycle', message: 'cycle' },
    { code: 'input_type', message: 'refused by the draft route', node_id: 'fetch' },
  ]);

  it('are errors first, then by the order of the document', () => {
    expect(problems.map((problem) => [problem.severity, problem.code, problem.node])).toEqual([
      ['error', 'graph_cycle', undefined],
      ['error', 'input_type', 'fetch'],
      ['warning', 'tool_unbound', 'fetch'],
      ['warning', 'credential_missing', 'inner'],
    ]);
    expect(problems[2]).toMatchObject({ title: 'fetch', field: 'data.url', line: 4 });
  });

  it('are at their nodes, and one follows the other', () => {
    expect(worstByNode(problems)).toEqual(
      new Map([
        ['fetch', 'error'],
        ['inner', 'warning'],
      ]),
    );
    expect(nextProblem(problems, undefined)).toBe('fetch');
    expect(nextProblem(problems, 'fetch')).toBe('inner');
    expect(nextProblem(problems, 'inner')).toBe('fetch');
    expect(nextProblem([], 'inner')).toBeUndefined();
  });
});
