import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const here = import.meta.dirname;
const areas = readdirSync(join(here, 'en')).filter((file) => file.endsWith('.json'));

type Texts = { [key: string]: string | Texts };
const read = (language: string, area: string) => JSON.parse(readFileSync(join(here, language, area), 'utf8')) as Texts;
/** Every key, without the plural's form: Chinese has one. */
function keys(texts: Texts, path = ''): string[] {
  return Object.entries(texts).flatMap(([key, value]) => (typeof value === 'string' ? [`${path}${key.replace(/_(zero|one|other)$/, '')}`] : keys(value, `${path}${key}.`)));
}
function strings(texts: Texts): string[] {
  return Object.values(texts).flatMap((value) => (typeof value === 'string' ? [value] : strings(value)));
}

describe.each(areas)('%s', (area) => {
  it('says the same things in both languages', () => {
    expect([...new Set(keys(read('zh', area)))].sort()).toEqual([...new Set(keys(read('en', area)))].sort());
  });

  it('does not shout, beg or say 您', () => {
    expect(strings(read('en', area)).filter((text) => /!|\bplease\b|\boops\b/i.test(text))).toEqual([]);
    expect(strings(read('zh', area)).filter((text) => /[!！您]/.test(text))).toEqual([]);
  });
});
