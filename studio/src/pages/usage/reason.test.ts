import { expect, it } from 'vitest';
import { reason } from './shares';

it.each([
  ['refused', 'credential_rate_limited', null, 'limit'],
  ['refused', 'budget_exceeded', null, 'budget'],
  ['refused', 'credential_not_found', null, 'rule'],
  ['failed', 'provider_rate_limited', 429, 'busy'],
  ['failed', 'credential_invalid', 401, 'key'],
  ['failed', 'provider_error', 500, 'other'],
] as const)('%s with %s (%s) counts as %s', (outcome, error_code, http_status, expected) => expect(reason({ outcome, error_code, http_status })).toBe(expected));
