import type { LucideIcon } from 'lucide-react';
import { cx } from '@/util/cx';

type Props = {
  of: LucideIcon;
  size?: 'xs' | 's' | 'm' | 'l';
  className?: string;
  /** Said to readers; without it the icon is decoration. */
  label?: string;
};

export function Icon({ of: Drawing, size = 'm', className, label }: Props) {
  const said = label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true };
  return <Drawing className={cx('i', size !== 'm' && size, className)} {...said} />;
}
