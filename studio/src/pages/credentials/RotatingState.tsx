import type { CredentialView } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { RefreshCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { CredentialState } from '@/components/CredentialState';
import { Icon } from '@/components/Icon';
import { State } from '@/components/State';
import { standing } from '@/util/credential-state';
import { useMinutes } from '@/util/now';
import { overlapping, versionsQuery } from './versions';

/** The state, or while two versions are accepted, that. A credential that was never rotated is not asked about. */
export function RotatingState({ credential, pill }: { credential: CredentialView; pill?: boolean }) {
  const { t } = useTranslation('credentials');
  const now = useMinutes();
  const { data } = useQuery(versionsQuery(credential.id, credential.version > 1));
  const before = overlapping(data);
  if (!before || !['active', 'untested'].includes(standing(credential, now).name)) return <CredentialState credential={credential} pill={pill} />;
  if (pill) return <State name="rotating" pill />;
  return (
    <span className="st run">
      <Icon of={RefreshCw} /> {t('rotatingWith', { version: before.version })}
    </span>
  );
}
