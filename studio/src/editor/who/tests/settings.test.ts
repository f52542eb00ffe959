import { describe, expect, it } from 'vitest';
import { allows, patternOf, takes } from '../settings';

describe('patternOf', () => {
  it('puts a star for each variable', () => expect(patternOf('customer-{{#start.tenant#}}')).toBe('customer-*'));
  it('puts one star for variables beside each other', () => expect(patternOf('{{#a.b#}}{{#c.d#}}-eu')).toBe('*-eu'));
});

describe('takes', () => {
  it('lets a star stand for any text', () => {
    expect(takes('customer-*', 'customer-acme')).toBe(true);
    expect(takes('customer-*', 'shared')).toBe(false);
  });
  it('takes dots as dots', () => expect(takes('a.b', 'axb')).toBe(false));
});

describe('allows', () => {
  const template = 'customer-{{#start.tenant#}}';
  it('needs a pattern that takes every name', () => {
    expect(allows([], template)).toBe(false);
    expect(allows(['customer-acme', 'customer-globex'], template)).toBe(false);
    expect(allows(['customer-*'], template)).toBe(true);
    expect(allows(['*'], template)).toBe(true);
    expect(allows(['customer-a*'], template)).toBe(false);
  });
});
