import { useTranslation } from 'react-i18next';
import { roleFor, useSession } from '@/api/session';

/** Why the person may not do this, as a sentence for a disabled control; null when they may. */
export function useForbidden(permission: string): string | null {
  const { t } = useTranslation('common');
  const session = useSession();
  if (session.permissions.includes(permission)) return null;
  if (!session.member) return t('forbidden.key', { permission });
  return t('forbidden.may', { role: t(`forbidden.${roleFor(permission)}`), mine: t(`forbidden.as.${session.member.role}`), workspace: session.workspace.name });
}
