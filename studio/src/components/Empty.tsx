import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Icon } from './Icon';

/** A whole place without content: what will be here or what stands in the way, and the best way on. */
export function Empty({ icon, title, children, actions }: { icon: LucideIcon; title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="empty">
      <span className="dicon">
        <Icon of={icon} size="l" />
      </span>
      <h2 className="text-[15px]">{title}</h2>
      {children && <p className="t2 max-w-[380px]">{children}</p>}
      {actions && <div className="row mt-2">{actions}</div>}
    </div>
  );
}
