import { CircleCheck, CircleX, Info, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '@/util/cx';
import { Icon } from './Icon';

export type Tone = 'info' | 'acc' | 'ok' | 'warn' | 'err';
const icons: Record<Tone, LucideIcon> = { info: Info, acc: Info, ok: CircleCheck, warn: TriangleAlert, err: CircleX };

type Props = { tone?: Tone; icon?: LucideIcon; title?: ReactNode; children?: ReactNode; action?: ReactNode; className?: string; role?: 'alert' | 'status' };

/** A bold first sentence, what it means, and one action at the right. */
export function Note({ tone = 'info', icon, title, children, action, className, role }: Props) {
  return (
    <div className={cx('note', tone, className)} role={role}>
      <Icon of={icon ?? icons[tone]} />
      <div className="grow">
        {title && <b>{title}</b>} {children}
      </div>
      {action && <div className="flex-none font-medium">{action}</div>}
    </div>
  );
}
