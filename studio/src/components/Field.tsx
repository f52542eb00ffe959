import { CircleX } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId } from 'react';
import { cx } from '@/util/cx';
import { Icon } from './Icon';

type FieldProps = {
  label: ReactNode;
  hint?: ReactNode;
  /** Takes the hint's place. */
  error?: string | null;
  optional?: ReactNode;
  children: (ids: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': true | undefined }) => ReactNode;
  className?: string;
};

export function Field({ label, hint, error, optional, children, className }: FieldProps) {
  const id = useId();
  const about = `${id}-about`;
  return (
    <div className={cx('field', className)}>
      <label className="lab" htmlFor={id}>
        {label}
        {optional && <span className="t3 font-normal">{optional}</span>}
      </label>
      {children({ id, 'aria-describedby': error || hint ? about : undefined, 'aria-invalid': error ? true : undefined })}
      {error ? (
        <p className="hint bad" id={about}>
          <Icon of={CircleX} size="xs" /> {error}
        </p>
      ) : (
        hint && (
          <p className="hint" id={about}>
            {hint}
          </p>
        )
      )}
    </div>
  );
}

type InputProps = ComponentProps<'input'> & { mono?: boolean; small?: boolean };

export function Input({ mono, small, className, ...rest }: InputProps) {
  return <input autoComplete="off" spellCheck={false} {...rest} className={cx('inp', mono && 'mono', small && 'sm', className)} />;
}

type TextFieldProps = Omit<FieldProps, 'children'> & InputProps;

export function TextField({ label, hint, error, optional, className, ...input }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional} className={className}>
      {(ids) => <Input {...input} {...ids} />}
    </Field>
  );
}

type SelectProps = ComponentProps<'select'> & { small?: boolean };

export function Select({ className, small, ...rest }: SelectProps) {
  return <select {...rest} className={cx('inp sel', small && 'sm', className)} />;
}

type SelectFieldProps = Omit<FieldProps, 'children'> & SelectProps;

export function SelectField({ label, hint, error, optional, className, ...select }: SelectFieldProps) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional} className={className}>
      {(ids) => <Select {...select} {...ids} />}
    </Field>
  );
}

type TextAreaFieldProps = Omit<FieldProps, 'children'> & ComponentProps<'textarea'> & { mono?: boolean };

export function TextAreaField({ label, hint, error, optional, className, mono, ...area }: TextAreaFieldProps) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional} className={className}>
      {(ids) => <textarea spellCheck={false} {...area} {...ids} className={cx('inp area', mono && 'mono')} />}
    </Field>
  );
}
