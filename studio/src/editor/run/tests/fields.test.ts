import { describe, expect, it } from 'vitest';
import { fieldsOf, fill } from '../fields';

const fields = fieldsOf({
  variables: [
    { variable: 'tenant', label: 'Customer', type: 'text-input', required: true, max_length: 5 },
    { variable: 'amount', type: 'number' },
    { variable: 'extra', type: 'json_object' },
    { variable: 'loud', type: 'checkbox', default: true },
    { variable: 'tone', type: 'select', options: ['warm', 'dry'], default: 'dry' },
    { variable: 'secret', type: 'text-input', hide: true },
    { variable: 'papers', type: 'file-list' },
  ],
});

describe('the form of a run', () => {
  it('is what the start node declares', () => {
    expect(fields.map((field) => field.name)).toEqual(['tenant', 'amount', 'extra', 'loud', 'tone', 'papers']);
    expect(fields[0]).toMatchObject({ label: 'Customer', required: true, most: 5 });
    expect(fields[1]?.label).toBe('amount');
  });

  it('gives typed inputs, with defaults, and leaves out what is empty', () => {
    expect(fill(fields, { tenant: 'acme', amount: '1.5', extra: '{"a":1}' })).toEqual({
      inputs: { tenant: 'acme', amount: 1.5, extra: { a: 1 }, loud: true, tone: 'dry' },
      wrong: {},
    });
    expect(fill(fields, { tenant: 'acme', loud: false, papers: [] }).inputs).toEqual({ tenant: 'acme', loud: false, tone: 'dry' });
  });

  it('says what is wrong', () => {
    expect(fill(fields, { tenant: ' ', amount: 'x', extra: '{' }).wrong).toEqual({ tenant: 'required', amount: 'number', extra: 'json' });
    expect(fill(fields, { tenant: 'globex' }).wrong).toEqual({ tenant: 'long' });
  });
});
