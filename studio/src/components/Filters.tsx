import { Plus, Search, X } from 'lucide-react';
import { Popover } from 'radix-ui';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '@/util/cx';
import { Icon } from './Icon';

/** Text search; what is typed is given on after 200 ms of rest, or when the field is left: a link that is followed is not called back by it. */
export function SearchInput({ value, onValue, placeholder, className }: { value: string; onValue: (value: string) => void; placeholder: string; className?: string }) {
  const [typed, setTyped] = useState(value);
  const [given, setGiven] = useState(value);
  if (value !== given) {
    // The address changed: back, or a filter that was cleared.
    setGiven(value);
    setTyped(value);
  }
  const give = () => {
    if (typed === given) return;
    setGiven(typed);
    onValue(typed);
  };
  useEffect(() => {
    if (typed === given) return undefined;
    const timer = setTimeout(give, 200);
    return () => clearTimeout(timer);
  });
  return (
    <span className={cx('search filter', className)}>
      <Icon of={Search} size="s" />
      <input type="search" aria-label={placeholder} placeholder={placeholder} value={typed} onChange={(event) => setTyped(event.target.value)} onBlur={give} />
    </span>
  );
}

type ChipProps = { label: string; value?: string | null; shown?: ReactNode; onClear: () => void; children: (close: () => void) => ReactNode };

/** Dashed: can be added. Solid: set, and × removes it. */
export function FilterChip({ label, value, shown, onClear, children }: ChipProps) {
  const { t } = useTranslation('common');
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <span className={cx('chipf', value && 'set')}>
        <Popover.Trigger className="row g6 h-full">
          {!value && <Icon of={Plus} size="xs" />}
          {label} {value && <b className="ell max-w-40">{shown ?? value}</b>}
        </Popover.Trigger>
        {value && (
          <button type="button" className="bareb -mr-1" aria-label={t('filter.remove', { label })} onClick={onClear}>
            <Icon of={X} size="xs" />
          </button>
        )}
      </span>
      <Popover.Portal>
        <Popover.Content className="pop min-w-48" align="start" sideOffset={4} collisionPadding={8} aria-label={label}>
          {children(() => setOpen(false))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

type OptionsProps = { options: readonly { value: string; label: ReactNode }[]; value?: string | null; onPick: (value: string) => void };

/** The list inside of a chip. */
export function FilterOptions({ options, value, onPick }: OptionsProps) {
  const { t } = useTranslation('common');
  if (options.length === 0) return <p className="t3 px-2 py-1.5">{t('filter.none')}</p>;
  return (
    <div className="max-h-72 overflow-y-auto">
      {options.map((option) => (
        <button type="button" key={option.value} className={cx('it w-full text-left', option.value === value && 'on')} aria-pressed={option.value === value} onClick={() => onPick(option.value)}>
          {option.label}
        </button>
      ))}
    </div>
  );
}

/** A filter by free text, for what no list is known of. */
export function FilterText({ label, value, onPick }: { label: string; value: string; onPick: (value: string) => void }) {
  const { t } = useTranslation('common');
  const [typed, setTyped] = useState(value);
  return (
    <form
      className="row p-1"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim()) onPick(typed.trim());
      }}
    >
      <input className="inp sm" aria-label={label} value={typed} autoFocus onChange={(event) => setTyped(event.target.value)} />
      <button className="btn sm" type="submit">
        {t('filter.apply')}
      </button>
    </form>
  );
}
