import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { setSessionEnded } from '@/api/connection';
import { sessionQuery } from '@/api/session';
import { EntryFrame } from './EntryFrame';
import { SignInForm } from './SignInForm';

/** Only places of this studio: what stands in the address may come from anywhere. */
export const safeTarget = (to: string | undefined) => (to && /^\/(?![/\\])/.test(to) ? to : '/workflows');

export function LoginPage() {
  const { t } = useTranslation('entry');
  const { to } = useSearch({ from: '/login' });
  const navigate = useNavigate();
  const client = useQueryClient();
  const enter = useMutation({
    mutationFn: async () => {
      await client.invalidateQueries({ queryKey: sessionQuery.queryKey });
      setSessionEnded(false);
      await navigate({ href: safeTarget(to), replace: true });
    },
  });
  return (
    <EntryFrame title={t('login.title')} sub={t('login.sub')}>
      <SignInForm
        onSignedIn={(session) => {
          client.setQueryData(sessionQuery.queryKey, session);
          enter.mutate();
        }}
      />
      <p className="t3 sm mt-6">{t('login.forgot')}</p>
      <p className="t3 sm mt-1">
        <code>latchkey members reset-password</code>
      </p>
    </EntryFrame>
  );
}
