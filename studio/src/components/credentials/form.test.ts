import { describe, expect, it } from 'vitest';
import { body, type Draft, fieldsOf, filled, firstFields, missing, nameFits } from './form';

const schema = {
  credential_schema: [
    { name: 'api_key', label: 'API key', type: 'secret', required: true, default: null, placeholder: null },
    { name: 'base_url', label: 'Base URL', type: 'url', required: false, default: null, placeholder: 'https://…' },
    { name: 'location', label: 'Location', type: 'text', required: true, default: 'us', placeholder: null },
    { name: 'api', type: 'select', options: ['chat', 7, 'responses'] },
  ],
};
const draft: Draft = { provider: 'openai', name: ' main ', values: { api_key: ' test-key-1 ', base_url: '' }, isDefault: true, validate: false, environments: [] };

describe('the form of a provider', () => {
  const fields = fieldsOf(schema);

  it('is read from its description', () => {
    expect(fields.map((field) => [field.name, field.type, field.required])).toEqual([
      ['api_key', 'secret', true],
      ['base_url', 'url', false],
      ['location', 'text', true],
      ['api', 'select', false],
    ]);
    expect(fields[3]).toMatchObject({ label: 'api', options: ['chat', 'responses'] });
  });

  it('asks first for what is required', () => expect(firstFields(fields).map((field) => field.name)).toEqual(['api_key', 'location']));

  it('asks for the secrets where none is required', () => {
    const optional = fieldsOf({ credential_schema: [{ name: 'region', required: true }, { name: 'key', type: 'secret' }] });
    expect(firstFields(optional).map((field) => field.name)).toEqual(['region', 'key']);
  });

  it('misses a required field without a default', () => {
    expect(missing(draft, fields)).toEqual([]);
    expect(missing({ ...draft, values: {} }, fields)).toEqual(['api_key']);
  });
});

describe('what is sent', () => {
  it('has no empty fields and no spaces around', () => {
    expect(filled({ a: ' x ', b: ' ' })).toEqual({ a: 'x' });
    expect(body(draft)).toEqual({ provider: 'openai', name: 'main', values: { api_key: 'test-key-1' }, default: true, validate: false });
  });

  it('names environments only where some were chosen', () => expect(body({ ...draft, environments: ['staging'] })).toMatchObject({ scope: { environments: ['staging'] } }));
});

it.each([
  ['customer-acme_1.eu', true],
  ['客户-acme', true],
  ['with space', false],
  ['', false],
  ['a/b', false],
])('the name %j fits: %s', (name, fits) => expect(nameFits(name)).toBe(fits));
