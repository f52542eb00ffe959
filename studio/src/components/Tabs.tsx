import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from '@/util/cx';

type Props<T extends string> = {
  label: string;
  value: T;
  onChange: (value: T) => void;
  tabs: readonly { value: T; label: ReactNode; count?: number | string }[];
  children: ReactNode;
  className?: string;
};

/** Changes the thing that is shown. The children are `TabPanel`s. */
export function Tabs<T extends string>({ label, value, onChange, tabs, children, className }: Props<T>) {
  return (
    <Radix.Root
      value={value}
      onValueChange={(next) => {
        const picked = tabs.find((tab) => tab.value === next);
        if (picked) onChange(picked.value);
      }}
      className={className}
    >
      <Radix.List className="tabs" aria-label={label}>
        {tabs.map((tab) => (
          <Radix.Trigger key={tab.value} value={tab.value} className={cx('tab', tab.value === value && 'on')}>
            {tab.label}
            {tab.count !== undefined && <span className="c">{tab.count}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {children}
    </Radix.Root>
  );
}

export const TabPanel = Radix.Content;
