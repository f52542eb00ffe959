import { describe, expect, it } from 'vitest';
import { readsOf } from '../SingleRun';

describe('what a node reads', () => {
  const known = (first: string) => ['start', 'llm', 'sys'].includes(first);
  it('is found in texts and selectors, each variable once', () => {
    const data = {
      text: '{{#start.tenant#}} {{#start.tenant#}} {{#gone.x#}} {{#llm.structured_output.city#}}',
      variables: [{ variable: 'a', value_selector: ['llm', 'text'] }, { variable: 'b', value_selector: [] }],
      options: ['sys', 'query'],
      names: ['warm', 'dry'],
    };
    expect(readsOf(data, known)).toEqual([['start', 'tenant'], ['llm', 'structured_output'], ['llm', 'text'], ['sys', 'query']]);
  });
});
