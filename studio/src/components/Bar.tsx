import { cx } from '@/util/cx';

type Props = {
  /** From 0 to 1. */
  share: number;
  /** At this share it turns amber and has a tick. */
  warnAt?: number;
  tone?: 'a' | 'w' | 'e' | 'o' | 'plain';
  colour?: string;
  /** Without the mark at the warning share, in dense lists. */
  plainScale?: boolean;
  label: string;
  className?: string;
};

export function Bar({ share, warnAt, tone, colour, label, className, plainScale }: Props) {
  const shown = Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0));
  const turned = share >= 1 ? 'e' : warnAt !== undefined && share >= warnAt ? 'w' : 'a';
  const used = tone ?? turned;
  return (
    <div className={cx('barbox', className)}>
      <div className="bar" role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(shown * 100)}>
        <i className={used === 'plain' ? '' : used} style={{ width: `${shown * 100}%`, ...(colour ? { background: colour } : {}) }} />
      </div>
      {!plainScale && warnAt !== undefined && warnAt < 1 && <span className="bartick" style={{ left: `${warnAt * 100}%` }} />}
    </div>
  );
}
