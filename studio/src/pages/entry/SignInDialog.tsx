import { useQueryClient } from '@tanstack/react-query';
import { LogIn } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { setSessionEnded } from '@/api/connection';
import { sessionQuery } from '@/api/session';
import { Dialog } from '@/components/Dialog';
import { SignInForm } from './SignInForm';

/** Over the page, which stays with everything that was typed into it. */
export function SignInDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('entry');
  const client = useQueryClient();
  const before = client.getQueryData(sessionQuery.queryKey);
  return (
    <Dialog open onClose={onClose} icon={LogIn} title={t('login.again')} sub={t('login.stays')} width={420}>
      <SignInForm
        email={before?.member?.email}
        onSignedIn={(session) => {
          client.setQueryData(sessionQuery.queryKey, session);
          setSessionEnded(false);
          void client.invalidateQueries();
          onClose();
        }}
      />
    </Dialog>
  );
}
