import type { Series } from '@/util/series';

export function Legend({ series }: { series: Series[] }) {
  if (series.length === 0) return null;
  return (
    <span className="lg">
      {series.map((each) => (
        <span key={each.key} dir="auto">
          <i className={each.dashed ? 'dash' : ''} style={each.dashed ? { borderColor: each.colour } : { background: each.colour }} />
          {each.label}
        </span>
      ))}
    </span>
  );
}
