import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Session, setUp } from '@/api/session';
import { Button } from '@/components/Button';
import { TextField } from '@/components/Field';
import { fieldError, ProblemNote } from '@/components/Problem';
import { SecretInput } from '@/components/SecretInput';

export function AccountStep({ token: given, onDone }: { token: string; onDone: (session: Session) => void }) {
  const { t } = useTranslation('entry');
  const [token, setToken] = useState(given);
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const make = useMutation({ mutationFn: () => setUp({ token: token.trim(), name: name.trim(), email: email.trim(), password }), onSuccess: onDone });
  return (
    <form
      className="col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <SecretInput label={t('setup.token')} value={token} onValue={setToken} hint={t('setup.tokenHint')} placeholder="lk_…" required error={fieldError(make.error, 'token')} />
      <TextField label={t('name')} name="name" autoComplete="name" required dir="auto" value={name} error={fieldError(make.error, 'name')} onChange={(event) => setName(event.target.value)} />
      <TextField label={t('email')} type="email" autoComplete="username" required value={email} error={fieldError(make.error, 'email')} onChange={(event) => setEmail(event.target.value)} />
      <TextField label={t('password')} type="password" autoComplete="new-password" required minLength={10} hint={t('passwordHint')} value={password} error={fieldError(make.error, 'password')} onChange={(event) => setPassword(event.target.value)} />
      {make.error && <ProblemNote error={make.error} />}
      <span>
        <Button type="submit" kind="primary" size="lg" busy={make.isPending}>
          {t('setup.make')}
        </Button>
      </span>
    </form>
  );
}
