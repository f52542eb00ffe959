import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('the sample is the one that a new server begins with', () => {
  const own = readFileSync(join(import.meta.dirname, 'sample.yml'), 'utf8');
  expect(own).toBe(readFileSync(join(import.meta.dirname, '../../../../crates/service/src/sample.yml'), 'utf8'));
});
