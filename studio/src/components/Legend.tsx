import type { Series } from '@/util/series';

export function Legend({ series, lines }: { series: Series[]; lines?: boolean }) {
  if (series.length === 0) return null;
  return (
    <span className="lg">
      {series.map((each) => (
        <span key={each.key} dir="auto">
          <i className={lines ? (each.dashed ? 'dash' : 'line') : ''} style={lines ? { borderColor: each.colour } : { background: each.colour }} />
          {each.label}
        </span>
      ))}
    </span>
  );
}
