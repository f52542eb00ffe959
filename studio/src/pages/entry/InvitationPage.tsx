import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { acceptInvitation, invitationOffer, sessionQuery } from '@/api/session';
import { Button } from '@/components/Button';
import { TextField } from '@/components/Field';
import { fieldError, ProblemNote } from '@/components/Problem';
import { SkeletonBlock } from '@/components/Skeleton';
import { EntryFrame } from './EntryFrame';

export function InvitationPage() {
  const { t } = useTranslation(['entry', 'common']);
  const { token = '' } = useSearch({ from: '/invitation' });
  const offer = useQuery({ queryKey: ['invitation', token], queryFn: () => invitationOffer(token), retry: false });
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const client = useQueryClient();
  const navigate = useNavigate();
  const accept = useMutation({
    mutationFn: () => acceptInvitation({ token, name: name.trim(), password }),
    onSuccess: async (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      await navigate({ to: '/workflows', search: {}, replace: true });
    },
  });
  if (offer.isPending)
    return (
      <EntryFrame title={t('invitation.title')}>
        <SkeletonBlock height={200} />
      </EntryFrame>
    );
  if (offer.error)
    return (
      <EntryFrame title={t('invitation.over')} sub={t('invitation.overText')}>
        <ProblemNote error={offer.error} />
      </EntryFrame>
    );
  return (
    <EntryFrame title={t('invitation.to', { workspace: offer.data.workspace_name })} sub={t('invitation.as', { role: t(`common:forbidden.as.${offer.data.role}`), email: offer.data.email })}>
      <form
        className="col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          accept.mutate();
        }}
      >
        <TextField label={t('name')} name="name" autoComplete="name" required autoFocus dir="auto" value={name} error={fieldError(accept.error, 'name')} onChange={(event) => setName(event.target.value)} />
        <TextField label={t('password')} type="password" autoComplete="new-password" required minLength={10} hint={t('passwordHint')} value={password} error={fieldError(accept.error, 'password')} onChange={(event) => setPassword(event.target.value)} />
        {accept.error && <ProblemNote error={accept.error} />}
        <span>
          <Button type="submit" kind="primary" size="lg" busy={accept.isPending}>
            {t('invitation.join')}
          </Button>
        </span>
      </form>
    </EntryFrame>
  );
}
