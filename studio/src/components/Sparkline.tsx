type Props = { values: number[]; width?: number; height?: number; label: string };

/** A line without axes; its meaning stands in the columns beside it. */
export function Sparkline({ values, width = 64, height = 20, label }: Props) {
  if (values.length < 2) return null;
  const most = Math.max(...values);
  const step = width / (values.length - 1);
  const y = (value: number) => height - 2 - (most === 0 ? 0 : (value / most) * (height - 4));
  const line = values.map((value, index) => `${index === 0 ? 'M' : 'L'}${(index * step).toFixed(1)} ${y(value).toFixed(1)}`).join(' ');
  return (
    <svg width={width} height={height} role="img" aria-label={label} className="block">
      <path d={`${line} L${width} ${height} L0 ${height}Z`} fill="var(--c5)" opacity=".1" />
      <path d={line} fill="none" stroke="var(--c5)" strokeWidth="1.4" strokeLinejoin="round" />
    </svg>
  );
}
