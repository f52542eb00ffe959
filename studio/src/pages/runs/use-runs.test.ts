import { describe, expect, it } from 'vitest';
import { begin } from './use-runs';

describe('begin', () => {
  const now = Date.parse('2026-11-27T12:00:30Z');
  it('counts hours back, to the minute', () => expect(begin('24', now)).toBe('2026-11-26T12:00:00.000Z'));
  it('takes a time as it is', () => expect(begin('2026-11-01T00:00:00Z', now)).toBe('2026-11-01T00:00:00Z'));
  it('is nothing without one', () => expect(begin(undefined, now)).toBeUndefined());
});
