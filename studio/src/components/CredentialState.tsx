import type { CredentialView } from '@latchkey/client';
import { standing } from '@/util/credential-state';
import { percent, roughly } from '@/util/format';
import { useSeconds } from '@/util/now';
import { State } from './State';

/** The state of a credential in words, counting down where something ends. */
export function CredentialState({ credential, pill }: { credential: CredentialView; pill?: boolean }) {
  const now = useSeconds();
  const { name, percent: share, until } = standing(credential, now);
  const values = { percent: share === undefined ? '' : percent(share), time: until ? roughly(Date.parse(until) - now) : '' };
  return <State name={name} pill={pill} values={values} />;
}
