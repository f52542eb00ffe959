import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Session, signIn } from '@/api/session';
import { Button } from '@/components/Button';
import { TextField } from '@/components/Field';
import { ProblemNote } from '@/components/Problem';

/** Email and password; used by the page and by the dialog over a page whose session has ended. */
export function SignInForm({ onSignedIn, email: known }: { onSignedIn: (session: Session) => void; email?: string }) {
  const { t } = useTranslation('entry');
  const [email, setEmail] = useState(known ?? '');
  const [password, setPassword] = useState('');
  const enter = useMutation({ mutationFn: () => signIn({ email: email.trim(), password }), onSuccess: onSignedIn });
  return (
    <form
      className="col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        enter.mutate();
      }}
    >
      <TextField label={t('email')} type="email" name="email" autoComplete="username" required autoFocus={!known} value={email} onChange={(event) => setEmail(event.target.value)} />
      <TextField label={t('password')} type="password" name="password" autoComplete="current-password" required autoFocus={!!known} value={password} onChange={(event) => setPassword(event.target.value)} />
      {enter.error && <ProblemNote error={enter.error} />}
      <span>
        <Button type="submit" kind="primary" size="lg" busy={enter.isPending}>
          {t('login.in')}
        </Button>
      </span>
    </form>
  );
}
