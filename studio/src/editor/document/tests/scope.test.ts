import { describe, expect, it } from 'vitest';

import { readDraft } from '../draft';
import { outputsOf, readable, scopeOf, typeOf } from '../scope';
import { pieces, placeholders, shortForm, withReference } from '../template';
import { edge, node, sample } from './sample';

const names = (id: string) =>
  scopeOf(sample(), id).map((group) => `${group.id}: ${group.variables.map((item) => item.selector.slice(1).join('.')).join(' ')}`);

describe('scope', () => {
  it('is what comes before, with the start first', () => {
    expect(names('merge').slice(0, 4)).toEqual([
      'start: tenant ticket',
      'fetch: body status_code headers files error_message error_type',
      'each: output',
      'classify: class_name class_id class_label usage',
    ]);
  });

  it('inside of a container it has the item, and what comes before the container', () => {
    const groups = names('inner');
    expect(groups).toContain('each: item index');
    expect(groups).toContain('classify: class_name class_id class_label usage');
    expect(groups.some((group) => group.startsWith('fetch'))).toBe(false);
  });

  it('has the namespaces of the run', () => {
    expect(names('start')).toEqual([
      'conversation: tenant',
      'env: BASE',
      'sys: query files conversation_id dialogue_count user_id app_id workflow_id workflow_run_id',
    ]);
  });

  it('knows what only a run can give', () => {
    const groups = scopeOf(sample(), 'merge');
    expect(groups[0]?.variables.every((item) => !item.later)).toBe(true);
    expect(groups[1]?.variables.every((item) => item.later)).toBe(true);
  });

  it('tells types', () => {
    const draft = readDraft({
      workflow: {
        graph: {
          nodes: [
            node('a', { type: 'code', outputs: { rows: { type: 'array[object]' } } }),
            node('b', { type: 'iteration', iterator_selector: ['a', 'rows'] }),
            node('c', {
              type: 'llm',
              structured_output_switch_on: true,
              structured_output: { schema: { properties: { address: { type: 'object', properties: { city: { type: 'string' } } } } } },
            }),
          ],
          edges: [edge('a', 'b')],
        },
      },
    });
    expect(typeOf(draft, ['a', 'rows'])).toBe('array[object]');
    expect(typeOf(draft, ['b', 'item'])).toBe('object');
    expect(typeOf(draft, ['c', 'structured_output', 'address', 'city'])).toBe('string');
    expect(typeOf(draft, ['a', 'nothing'])).toBeUndefined();
  });

  it('every known type says what it puts out', () => {
    expect(outputsOf('llm', { reasoning_format: 'separated' }).map(([name]) => name)).toEqual(['text', 'reasoning_content', 'usage']);
    expect(outputsOf('trigger-webhook', { headers: [{ name: 'X-Id' }] })[0]).toEqual(['X_Id', 'string', false]);
    expect(
      outputsOf('variable-aggregator', { advanced_settings: { group_enabled: true, groups: [{ group_name: 'g', output_type: 'number' }] } }),
    ).toEqual([['g.output', 'number']]);
    expect(outputsOf('nothing-known', {})).toEqual([]);
  });

  it('reads for people', () => {
    expect(readable(sample(), ['merge', 'output'])).toEqual({ node: 'merge', name: 'output', known: true });
    expect(readable(sample(), ['gone', 'x'])).toEqual({ node: 'gone', name: 'x', known: false });
    expect(readable(sample(), ['env', 'BASE']).known).toBe(true);
  });
});

describe('templates', () => {
  it('are pieces of text and variables', () => {
    expect(pieces('customer-{{#start.tenant#}}!')).toEqual([{ text: 'customer-' }, { selector: ['start', 'tenant'] }, { text: '!' }]);
    expect(placeholders('{{# a.b #}} {{#a#}} {{#1.b.c#}}')).toEqual([{ from: 20, to: 31, selector: ['1', 'b', 'c'] }]);
    expect(shortForm('customer-{{#start.tenant#}}')).toBe('customer-{tenant}');
  });

  it('follow a rename, with the path behind the name', () => {
    expect(withReference('{{#a.b.c#}} {{#a.bb#}}', ['a', 'b'], ['a', 'x'])).toBe('{{#a.x.c#}} {{#a.bb#}}');
  });
});
