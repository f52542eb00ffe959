import { RadioGroup, Switch as RadixSwitch, Checkbox as RadixCheckbox, ToggleGroup } from 'radix-ui';
import { Check } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { cx } from '@/util/cx';
import { Icon } from './Icon';

type SwitchProps = { label: ReactNode; checked: boolean; onChange: (checked: boolean) => void; disabled?: boolean; hint?: ReactNode };

export function Switch({ label, checked, onChange, disabled, hint }: SwitchProps) {
  const id = useId();
  return (
    <div className="row items-start">
      <div className="grow">
        <label htmlFor={id} className="b">
          {label}
        </label>
        {hint && <p className="t3 sm">{hint}</p>}
      </div>
      <RadixSwitch.Root id={id} className={cx('sw', checked && 'on')} checked={checked} onCheckedChange={onChange} disabled={disabled} />
    </div>
  );
}

type CheckboxProps = { label: ReactNode; checked: boolean; onChange: (checked: boolean) => void; disabled?: boolean };

export function Checkbox({ label, checked, onChange, disabled }: CheckboxProps) {
  const id = useId();
  return (
    <span className="row min-h-6">
      <RadixCheckbox.Root id={id} className={cx('cb', checked && 'on')} checked={checked} onCheckedChange={(next) => onChange(next === true)} disabled={disabled}>
        <RadixCheckbox.Indicator className="grid">
          <Icon of={Check} size="xs" />
        </RadixCheckbox.Indicator>
      </RadixCheckbox.Root>
      <label htmlFor={id}>{label}</label>
    </span>
  );
}

export type Option<T extends string> = { value: T; label: ReactNode; hint?: ReactNode; title?: string; disabled?: boolean };

type GroupProps<T extends string> = { label: string; value: T; options: readonly Option<T>[]; onChange: (value: T) => void; className?: string; disabled?: boolean };

function chosen<T extends string>(options: readonly Option<T>[], value: string): T | undefined {
  return options.find((option) => option.value === value)?.value;
}

/** Changes the view of one thing. */
export function Segmented<T extends string>({ label, value, options, onChange, className, disabled }: GroupProps<T>) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      disabled={disabled}
      className={cx('seg', className)}
      onValueChange={(next) => {
        const picked = chosen(options, next);
        if (picked) onChange(picked);
      }}
    >
      {options.map((option) => (
        <ToggleGroup.Item key={option.value} value={option.value} disabled={option.disabled} title={option.title} aria-label={option.title} className={option.value === value ? 'on' : ''}>
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}

export function Radios<T extends string>({ label, value, options, onChange, className, disabled }: GroupProps<T>) {
  const id = useId();
  return (
    <RadioGroup.Root
      aria-label={label}
      value={value}
      disabled={disabled}
      className={cx('row g16 wrap', className)}
      onValueChange={(next) => {
        const picked = chosen(options, next);
        if (picked) onChange(picked);
      }}
    >
      {options.map((option) => (
        <span className={cx('row min-h-6', !!option.hint && 'items-start')} key={option.value}>
          <RadioGroup.Item id={`${id}-${option.value}`} value={option.value} disabled={option.disabled} className={cx('radio', !!option.hint && 'mt-0.5', option.value === value && 'on')} />
          <label htmlFor={`${id}-${option.value}`}>
            {option.label}
            {option.hint && <span className="t3 sm block">{option.hint}</span>}
          </label>
        </span>
      ))}
    </RadioGroup.Root>
  );
}
