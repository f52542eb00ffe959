import { ago, fullTime } from '@/util/format';
import { useMinutes } from '@/util/now';

/** Relative up to a week, then the date; the full time with its zone in the tooltip. */
export function Time({ at, none = '—' }: { at: string | null | undefined; none?: string }) {
  const now = useMinutes();
  if (!at) return <span className="t3">{none}</span>;
  return (
    <time dateTime={at} title={fullTime(at)} className="nw">
      {ago(at, now)}
    </time>
  );
}
