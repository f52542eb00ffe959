import { describe, expect, it } from 'vitest';
import { stack } from './series';

const row = (day: string, name: string, amount: number) => ({ day, name, amount });
const names = { none: 'none', others: (count: number) => `${count} others` };
const run = (rows: ReturnType<typeof row>[]) => stack(rows, ['2026-11-01', '2026-11-02'], (each) => each.name, (each) => each.amount, names);

describe('stack', () => {
  it('keeps the four largest and adds up the others', () => {
    const { series, points } = run([...'abcdef'].map((name, index) => row('2026-11-01', name, 10 - index)));
    expect(series.map((each) => each.label)).toEqual(['a', 'b', 'c', 'd', '2 others']);
    expect(points[0]).toMatchObject({ s0: 10, s3: 7, rest: 6 + 5 });
    expect(points[1]).toMatchObject({ s0: 0, rest: 0 });
  });

  it('shows a fifth by its name rather than as one other', () => {
    const { series } = run([...'abcde'].map((name) => row('2026-11-01', name, 1)));
    expect(series.map((each) => each.label)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('leaves out what came to nothing, and names what has no name', () => {
    const { series } = run([row('2026-11-01', '', 1), row('2026-11-02', 'free', 0)]);
    expect(series.map((each) => each.label)).toEqual(['none']);
  });

  it('adds rows of one day', () => expect(run([row('2026-11-02', 'a', 1), row('2026-11-02', 'a', 2)]).points[1]).toMatchObject({ s0: 3 }));
});
