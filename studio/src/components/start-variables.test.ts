import { expect, it } from 'vitest';
import { startInputs, startVariables } from './start-variables';

const document = { workflow: { graph: { nodes: [{ data: { type: 'start', variables: [{ variable: 'tenant', label: 'Customer', type: 'text-input', required: true, max_length: 48 }, { variable: 'count', type: 'number', default: 2 }, { variable: 'on', type: 'checkbox' }, { variable: 'hidden', hide: true }] } }] } } };

it('reads what the start node asks for', () => {
  expect(startVariables(document).map((variable) => [variable.name, variable.label, variable.required, variable.maxLength, variable.default])).toEqual([
    ['tenant', 'Customer', true, 48, ''],
    ['count', 'count', false, null, '2'],
    ['on', 'on', false, null, ''],
  ]);
  expect(startVariables(null)).toEqual([]);
});

it('gives values their types and leaves out empty ones', () => {
  const variables = startVariables(document);
  expect(startInputs(variables, { tenant: 'acme', on: 'true' })).toEqual({ tenant: 'acme', count: 2, on: true });
  expect(startInputs(variables, { tenant: '', count: '' })).toEqual({});
});
