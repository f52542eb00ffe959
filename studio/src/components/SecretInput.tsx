import { Eye, EyeOff, Lock } from 'lucide-react';
import { type ComponentProps, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Field } from './Field';
import { Icon } from './Icon';

type Props = { label: string; value: string; onValue: (value: string) => void; hint?: string; error?: string | null; optional?: string } & Pick<
  ComponentProps<'input'>,
  'placeholder' | 'required' | 'autoComplete' | 'autoFocus' | 'name'
>;

/** Write-only: what is typed can be looked at until it is sent, never after. Says length and last four of what was pasted. */
export function SecretInput({ label, value, onValue, hint, error, optional, ...rest }: Props) {
  const { t } = useTranslation('common');
  const [shown, setShown] = useState(false);
  const told = value.length >= 8 ? t('secret.told', { count: value.length, last4: value.slice(-4) }) : hint;
  return (
    <Field label={label} hint={told} error={error} optional={optional}>
      {(ids) => (
        <span className="inp wrapin">
          <Icon of={Lock} size="s" className="t3" />
          <input
            autoComplete="off"
            {...rest}
            {...ids}
            className="bare mono"
            type={shown ? 'text' : 'password'}
            value={value}
            spellCheck={false}
            onChange={(event) => onValue(event.target.value)}
          />
          <button type="button" className="bareb" aria-label={shown ? t('secret.hide') : t('secret.show')} aria-pressed={shown} onClick={() => setShown(!shown)}>
            <Icon of={shown ? Eye : EyeOff} size="s" />
          </button>
        </span>
      )}
    </Field>
  );
}
