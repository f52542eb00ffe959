import type { ReactNode } from 'react';
import { cx } from '@/util/cx';

export function Tag({ tone, children, title, className }: { tone?: 'acc' | 'warn'; children: ReactNode; title?: string; className?: string }) {
  return (
    <span className={cx('tag', tone, className)} title={title}>
      {children}
    </span>
  );
}

/** `node.variable`: what a person can put into a text. */
export function VariablePill({ path }: { path: string }) {
  return (
    <span className="var" dir="ltr">
      {path}
    </span>
  );
}
