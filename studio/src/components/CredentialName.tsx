import { Layers } from 'lucide-react';
import type { CredentialView } from '@latchkey/client';
import { cx } from '@/util/cx';
import { middle } from '@/util/format';
import { Icon } from './Icon';
import { ProviderMark } from './ProviderMark';

/** The last four of the first secret field; empty for credentials without one. */
export function last4(credential: Pick<CredentialView, 'values'>): string {
  return Object.values(credential.values).find((value) => value.last4)?.last4 ?? '';
}

type Props = {
  provider: string;
  name: string;
  last4?: string | null;
  /** inline in tables and pickers, chip in sentences. */
  as?: 'inline' | 'chip';
  /** The cause of a failure. */
  bad?: boolean;
  /** Cannot be used here. */
  off?: boolean;
  pool?: boolean;
};

/** How a credential is always shown: mark, name, last four. Both ends of a long name stay readable. */
export function CredentialName({ provider, name, last4: four, as = 'inline', bad, off, pool }: Props) {
  return (
    <span className={cx(as === 'chip' ? 'kc' : 'kn', bad && 'bad', off && 'off')} title={name}>
      {pool ? <Icon of={Layers} size="s" className="text-key-glyph" /> : <ProviderMark provider={provider} />}
      <span className="nm" dir="ltr">
        {middle(name)}
      </span>
      {four && <span className="l4">··{four}</span>}
    </span>
  );
}
