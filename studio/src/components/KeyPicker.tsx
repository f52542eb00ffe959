import type { CredentialView, PoolView } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { Command } from 'cmdk';
import { ChevronDown, Plus } from 'lucide-react';
import { Popover } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { credentialsQuery, poolsQuery } from '@/api/queries';
import { usable } from '@/util/credential-state';
import { cx } from '@/util/cx';
import { useMinutes } from '@/util/now';
import { CredentialName, last4 } from './CredentialName';
import { CredentialState } from './CredentialState';
import { Icon } from './Icon';

export type PickedKey = { kind: 'credential' | 'pool'; id: string; name: string };

type Props = {
  provider: string;
  model?: string;
  label: string;
  /** What is shown in the closed control. */
  shown: ReactNode;
  onPick: (key: PickedKey) => void;
  /** Opens the provider's form. */
  onAdd?: () => void;
  /** Takes the choice back. */
  onClear?: () => void;
  clearLabel?: string;
  pools?: boolean;
  bad?: boolean;
  disabled?: boolean;
};

function fits(credential: CredentialView, provider: string, model: string | undefined) {
  return credential.provider === provider && (!credential.model || !model || credential.model === model);
}

function Choices({ credentials, pools, provider, onPick }: { credentials: CredentialView[]; pools: PoolView[]; provider: string; onPick: (key: PickedKey) => void }) {
  const { t } = useTranslation('keys');
  const now = useMinutes();
  const row = (credential: CredentialView, off: boolean) => (
    <Command.Item key={credential.id} className="it" value={`${credential.name} ${last4(credential)} ${credential.id}`} disabled={off} onSelect={() => onPick({ kind: 'credential', id: credential.id, name: credential.name })}>
      <CredentialName provider={provider} name={credential.name} last4={last4(credential)} off={off} />
      <span className="end">
        <CredentialState credential={credential} />
      </span>
    </Command.Item>
  );
  const ready = credentials.filter((credential) => usable(credential, now));
  const not = credentials.filter((credential) => !usable(credential, now));
  return (
    <>
      {ready.length > 0 && <Command.Group heading={t('ready')}>{ready.map((credential) => row(credential, false))}</Command.Group>}
      {pools.length > 0 && (
        <Command.Group heading={t('pools')}>
          {pools.map((pool) => (
            <Command.Item key={pool.id} className="it" value={`${pool.name} ${pool.id}`} onSelect={() => onPick({ kind: 'pool', id: pool.id, name: pool.name })}>
              <CredentialName provider={provider} name={pool.name} pool />
              <span className="t3 sm end">{t('poolOf', { count: pool.members.length })}</span>
            </Command.Item>
          ))}
        </Command.Group>
      )}
      {not.length > 0 && <Command.Group heading={t('unusable')}>{not.map((credential) => row(credential, true))}</Command.Group>}
    </>
  );
}

/** Chooses a credential or a pool of one provider. What cannot be used is shown with its reason and cannot be chosen. */
export function KeyPicker({ provider, model, label, shown, onPick, onAdd, onClear, clearLabel, pools: withPools = true, bad, disabled }: Props) {
  const { t } = useTranslation('keys');
  const [open, setOpen] = useState(false);
  const { data: credentials } = useQuery(credentialsQuery);
  const { data: pools } = useQuery(poolsQuery);
  const close = (then: () => void) => () => {
    setOpen(false);
    then();
  };
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className={cx('inp keypick', bad && 'bad')} aria-label={label} disabled={disabled}>
        <span className="row g6 grow text-left">{shown}</span>
        <Icon of={ChevronDown} size="s" className="t3" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="pop palette-pop" align="start" sideOffset={4} collisionPadding={8}>
          <Command label={label} loop>
            <Command.Input className="palette-input small" placeholder={t('search')} />
            <Command.List className="palette-list">
              <Command.Empty className="t2 p-3">{t('nothing')}</Command.Empty>
              <Choices
                provider={provider}
                credentials={(credentials ?? []).filter((credential) => fits(credential, provider, model))}
                pools={withPools ? (pools ?? []).filter((pool) => pool.provider === provider) : []}
                onPick={(key) => close(() => onPick(key))()}
              />
              {(onAdd || onClear) && <Command.Separator className="my-1 h-px bg-line" />}
              {onClear && (
                <Command.Item className="it" value="clear" onSelect={close(onClear)}>
                  {clearLabel ?? t('clear')}
                </Command.Item>
              )}
              {onAdd && (
                <Command.Item className="it" value="add" onSelect={close(onAdd)}>
                  <Icon of={Plus} size="s" /> {t('add')}
                </Command.Item>
              )}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
