/** Rows in the shape of what comes; nothing is shown for the first 150 ms. */
export function SkeletonRows({ rows = 6 }: { rows?: number }) {
  return (
    <div className="late" aria-hidden="true">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="row g12 h-[46px] border-b border-line px-4 last:border-b-0">
          <span className="sk h-4 w-4" />
          <span className="sk" style={{ width: `${[22, 17, 26, 14][index % 4] ?? 20}%` }} />
          <span className="sk end w-14" />
          <span className="sk w-10" />
        </div>
      ))}
    </div>
  );
}

export function SkeletonBlock({ height = 160 }: { height?: number }) {
  return <div className="late sk w-full" style={{ height }} aria-hidden="true" />;
}
