import { Bar, BarChart, CartesianGrid, Line, LineChart, Tooltip, XAxis, YAxis, ResponsiveContainer } from 'recharts';
import type { CSSProperties } from 'react';
import type { Point, Series } from '@/util/series';

type Props = {
  points: Point[];
  series: Series[];
  height?: number;
  /** Writes a value of the axis and of the tooltip. */
  format: (value: number) => string;
  /** Writes the place on the lower axis. */
  formatX: (x: string) => string;
  /** What the picture says in one sentence; the exact numbers stand in a table beside it. */
  label: string;
  onPick?: (x: string) => void;
};

const swatch = (series: Series): CSSProperties => ({ background: series.colour });

type TipProps = { active?: boolean; payload?: readonly { dataKey?: unknown; value?: unknown }[]; label?: unknown } & Pick<Props, 'series' | 'format' | 'formatX'>;

function Tip({ active, payload, label, series, format, formatX }: TipProps) {
  if (!active || !payload?.length) return null;
  const rows = series
    .map((each) => ({ each, value: Number(payload.find((entry) => entry.dataKey === each.key)?.value ?? 0) }))
    .filter(({ value }) => value !== 0)
    .reverse();
  return (
    <div className="chart-tip num">
      <div className="b mb-1">{typeof label === 'string' ? formatX(label) : null}</div>
      {rows.length === 0 && <div>{format(0)}</div>}
      {rows.map(({ each, value }) => (
        <div key={each.key} className="row g6">
          <i style={swatch(each)} />
          <span className="grow ell">{each.label}</span>
          <span className="b">{format(value)}</span>
        </div>
      ))}
    </div>
  );
}

const tick = { fontSize: 11, fill: 'var(--text3)' };
const gap = (points: Point[]) => Math.max(0, Math.ceil(points.length / 6) - 1);

/** Stacked bars: how much, and of what. */
export function Bars({ points, series, height = 190, format, formatX, label, onPick }: Props) {
  return (
    <div role="img" aria-label={label}>
      <ResponsiveContainer width="100%" height={height} initialDimension={{ width: 640, height }}>
        <BarChart data={points} margin={{ top: 8, right: 0, bottom: 0, left: 0 }} barCategoryGap="16%" accessibilityLayer={false} onClick={(state) => typeof state.activeLabel === 'string' && onPick?.(state.activeLabel)}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis dataKey="x" tickFormatter={formatX} interval={gap(points)} tickLine={false} axisLine={false} tick={tick} height={24} />
          <YAxis tickFormatter={(value: number) => format(value).replaceAll(' ', '\u00a0')} tickLine={false} axisLine={false} tick={tick} width={52} tickCount={4} />
          <Tooltip cursor={{ stroke: 'var(--line2)', fill: 'var(--hover)', fillOpacity: 0.5 }} isAnimationActive={false} content={(props) => <Tip {...props} series={series} format={format} formatX={formatX} />} />
          {series.map((each) => (
            <Bar key={each.key} dataKey={each.key} stackId="all" fill={each.colour} stroke="var(--surface)" strokeWidth={1} isAnimationActive={false} maxBarSize={30} radius={1.5} />
          ))}
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}

/** A point between two gaps is no line: it is shown as a dot. */
function lone(points: Point[], key: string) {
  const has = (index: number) => points[index]?.[key] !== undefined;
  return ({ cx: x, cy: y, index, stroke }: { cx?: number; cy?: number; index?: number; stroke?: string }) =>
    index !== undefined && has(index) && !has(index - 1) && !has(index + 1) ? <circle key={index} cx={x} cy={y} r={2.5} fill={stroke} /> : <g key={index} />;
}

/** Lines: how fast. */
export function Lines({ points, series, height = 150, format, formatX, label }: Props) {
  return (
    <div role="img" aria-label={label}>
      <ResponsiveContainer width="100%" height={height} initialDimension={{ width: 320, height }}>
        <LineChart data={points} margin={{ top: 8, right: 4, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis dataKey="x" tickFormatter={formatX} interval={gap(points)} tickLine={false} axisLine={false} tick={tick} height={24} />
          <YAxis tickFormatter={(value: number) => format(value).replaceAll(' ', '\u00a0')} tickLine={false} axisLine={false} tick={tick} width={60} tickCount={4} />
          <Tooltip cursor={{ stroke: 'var(--line2)' }} isAnimationActive={false} content={(props) => <Tip {...props} series={series} format={format} formatX={formatX} />} />
          {series.map((each) => (
            <Line key={each.key} dataKey={each.key} stroke={each.colour} strokeWidth={1.6} strokeDasharray={each.dashed ? '4 4' : undefined} dot={lone(points, each.key)} isAnimationActive={false} connectNulls={false} />
          ))}
        </LineChart>
      </ResponsiveContainer>
    </div>
  );
}
