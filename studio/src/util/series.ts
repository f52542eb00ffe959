export type Series = { key: string; label: string; colour: string; dashed?: boolean };
export type Point = { x: string } & Record<string, string | number>;

/** In this order; the fifth is for what is left. */
export const colours = ['var(--c1)', 'var(--c2)', 'var(--c3)', 'var(--c4)', 'var(--c5)', 'var(--c6)'] as const;

type Row = { day?: string | null };
type Names = { none: string; others: (count: number) => string };

/** The four largest and the others, for each day. What has no value anywhere is left out. */
export function stack<R extends Row>(rows: R[], days: string[], name: (row: R) => string, value: (row: R) => number, names: Names, most = 4): { points: Point[]; series: Series[]; top: string[] } {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(name(row), (sums.get(name(row)) ?? 0) + value(row));
  const ranked = [...sums].filter(([, sum]) => sum > 0).sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  const top = (ranked.length === most + 1 ? ranked : ranked.slice(0, most)).map(([key]) => key);
  const rest = ranked.length - top.length;
  const series = top.map((key, index): Series => ({ key: `s${index}`, label: key || names.none, colour: colours[index] ?? 'var(--c5)' }));
  if (rest > 0) series.push({ key: 'rest', label: names.others(rest), colour: 'var(--c5)' });
  const points = days.map((day) => {
    const point: Point = { x: day };
    for (const each of series) point[each.key] = 0;
    for (const row of rows) {
      if (row.day !== day) continue;
      const index = top.indexOf(name(row));
      const key = index >= 0 ? `s${index}` : rest > 0 && sums.get(name(row)) ? 'rest' : null;
      if (key) point[key] = Number(point[key] ?? 0) + value(row);
    }
    return point;
  });
  return { points, series, top };
}
