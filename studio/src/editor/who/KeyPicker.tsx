import type { CredentialView } from '@latchkey/client';
import { Check, ChevronDown, Lock, Plus, Search } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CredentialName, last4 } from '@/components/CredentialName';
import { Icon } from '@/components/Icon';
import { cx } from '@/util/cx';
import { usable } from '@/util/credential-state';
import { useSeconds } from '@/util/now';
import { CredentialStanding, useLimits } from './Standing';

type Props = {
  provider: string;
  workflow: string;
  credentials: readonly CredentialView[];
  /** A name or an id. */
  value: string;
  onPick: (credential: CredentialView) => void;
  onAdd: () => void;
  disabled?: boolean;
  label: string;
};

/** Whether a credential's scope leaves this workflow out. */
const outOfScope = (credential: CredentialView, workflow: string): boolean => credential.scope.workflows != null && !credential.scope.workflows.includes(workflow);

function List({ workflow, credentials, value, onPick, onAdd }: Props) {
  const { t } = useTranslation('editor');
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const now = useSeconds();
  const limits = useLimits();
  const wanted = typed.trim().toLowerCase();
  const found = credentials.filter((credential) => credential.name.toLowerCase().includes(wanted));
  const ready = found.filter((credential) => usable(credential, now) && !outOfScope(credential, workflow));
  const rest = found.filter((credential) => !ready.includes(credential));
  return (
    <div
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown') setAt((old) => Math.min(old + 1, ready.length - 1));
        else if (event.key === 'ArrowUp') setAt((old) => Math.max(old - 1, 0));
        else if (event.key === 'Enter' && ready[at] !== undefined) onPick(ready[at]);
        else return;
        event.preventDefault();
      }}
    >
      <div className="row px-2 py-1.5">
        <Icon of={Search} size="s" className="t3" />
        <input className="bare" autoFocus value={typed} placeholder={t('who.find')} aria-label={t('who.find')} onChange={(event) => { setTyped(event.target.value); setAt(0); }} />
      </div>
      <div className="addlist" role="listbox" aria-label={t('who.key')}>
        {ready.length > 0 && (
          <div role="group" aria-label={t('who.ready')}>
            <div className="gh" aria-hidden="true">{t('who.ready')}</div>
            {ready.map((credential, index) => {
              const chosen = credential.name === value || credential.id === value;
              return (
                <div key={credential.id} role="option" aria-selected={chosen} className={cx('it', (index === at || chosen) && 'on')} onPointerMove={() => setAt(index)} onClick={() => onPick(credential)}>
                  <CredentialName provider={credential.provider} name={credential.name} last4={last4(credential)} />
                  <span className="end row g6 sm t3 nw">
                    {limits(credential).split(' · ').at(-1)}
                    {chosen && <Icon of={Check} size="s" className="text-accent-text" />}
                  </span>
                </div>
              );
            })}
          </div>
        )}
        {rest.length > 0 && (
          <div role="group" aria-label={t('who.cannot')}>
            <div className="gh" aria-hidden="true">{t('who.cannot')}</div>
            {rest.map((credential) => (
              <div key={credential.id} role="option" aria-selected={false} aria-disabled="true" className="it cursor-not-allowed">
                <CredentialName provider={credential.provider} name={credential.name} last4={last4(credential)} off />
                <span className="end">
                  {outOfScope(credential, workflow) && usable(credential, now) ? (
                    <span className="st">
                      <Icon of={Lock} />
                      {t('who.scope')}
                    </span>
                  ) : (
                    <CredentialStanding credential={credential} ready={false} />
                  )}
                </span>
              </div>
            ))}
          </div>
        )}
        {found.length === 0 && <p className="t3 sm px-2 py-3">{credentials.length === 0 ? t('who.noneHere') : t('who.noneFound')}</p>}
      </div>
      <button type="button" className="it link border-t border-line mt-1 w-full" onClick={onAdd}>
        <Icon of={Plus} size="s" />
        {t('who.add')}
      </button>
    </div>
  );
}

/** Chooses one credential: what is ready first, then what cannot be used here, with the reason. */
export function KeyPicker(props: Props) {
  const { t } = useTranslation('editor');
  const [open, setOpen] = useState(false);
  const { value, credentials, provider } = props;
  const chosen = credentials.find((credential) => credential.name === value || credential.id === value);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <button type="button" className={cx('inp selfield', open && 'focus')} disabled={props.disabled} aria-label={value === '' ? props.label : `${props.label}: ${value}`}>
          {chosen !== undefined ? (
            <CredentialName provider={chosen.provider} name={chosen.name} last4={last4(chosen)} />
          ) : value === '' ? (
            <span className="ph">{t('who.choose')}</span>
          ) : (
            <span className="mono text-err ell">{value}</span>
          )}
          <span className="end" title={provider}>
            <Icon of={ChevronDown} size="s" />
          </span>
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="pop keymenu" align="start" sideOffset={4} collisionPadding={8} aria-label={props.label}>
          <List
            {...props}
            onPick={(credential) => {
              props.onPick(credential);
              setOpen(false);
            }}
            onAdd={() => {
              setOpen(false);
              props.onAdd();
            }}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
