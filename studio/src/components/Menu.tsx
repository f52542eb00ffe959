import { Ellipsis, type LucideIcon } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from '@/util/cx';
import { IconButton } from './Button';
import { Icon } from './Icon';

export type MenuItem =
  | { kind?: 'item'; label: ReactNode; icon?: LucideIcon; onSelect: () => void; danger?: boolean; disabled?: boolean; hint?: ReactNode }
  | { kind: 'line' }
  | { kind: 'head'; label: ReactNode };

type Props = { label: string; items: MenuItem[]; trigger?: ReactNode; align?: 'start' | 'end' };

export function Menu({ label, items, trigger, align = 'end' }: Props) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger ?? <IconButton icon={Ellipsis} label={label} size="sm" />}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="pop" align={align} sideOffset={4} collisionPadding={8} aria-label={label}>
          {items.map((item, index) => {
            if (item.kind === 'line') return <DropdownMenu.Separator key={`line-${index}`} className="my-1 h-px bg-line" />;
            if (item.kind === 'head')
              return (
                <DropdownMenu.Label key={`head-${index}`} className="gh">
                  {item.label}
                </DropdownMenu.Label>
              );
            return (
              <DropdownMenu.Item key={index} className={cx('it', item.danger && 'text-err')} disabled={item.disabled} onSelect={item.onSelect}>
                {item.icon && <Icon of={item.icon} size="s" className={item.danger ? '' : 't2'} />}
                <span className="grow">{item.label}</span>
                {item.hint && <span className="t3 xs">{item.hint}</span>}
              </DropdownMenu.Item>
            );
          })}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
