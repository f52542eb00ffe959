import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeMe, type Session, sessionQuery } from '@/api/session';
import { Button } from '@/components/Button';
import { TextField } from '@/components/Field';
import { fieldError, ProblemNote } from '@/components/Problem';
import { toast } from '@/components/Toast';

export function AccountCard({ member }: { member: NonNullable<Session['member']> }) {
  const { t } = useTranslation(['settings', 'common']);
  const [name, setName] = useState(member.name);
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => changeMe({ ...(name.trim() !== member.name ? { name: name.trim() } : {}), ...(next ? { current_password: current, new_password: next } : {}) }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: sessionQuery.queryKey });
      setCurrent('');
      setNext('');
      toast(t('account.saved'));
    },
  });
  const changed = name.trim() !== member.name || next !== '';
  return (
    <section className="card">
      <div className="hd">
        <h2>{t('account.title')}</h2>
        <span className="t3 sm end ell">{member.email}</span>
      </div>
      <form
        className="bd col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (changed) save.mutate();
        }}
      >
        <TextField label={t('common:name')} dir="auto" autoComplete="name" value={name} error={fieldError(save.error, 'name')} onChange={(event) => setName(event.target.value)} />
        <TextField label={t('account.current')} type="password" autoComplete="current-password" value={current} error={fieldError(save.error, 'current_password')} onChange={(event) => setCurrent(event.target.value)} />
        <TextField label={t('account.next')} type="password" autoComplete="new-password" hint={t('account.nextHint')} value={next} error={fieldError(save.error, 'new_password')} onChange={(event) => setNext(event.target.value)} />
        {save.error && <ProblemNote error={save.error} />}
        <span>
          <Button type="submit" busy={save.isPending} disabled={!changed}>
            {t('common:save')}
          </Button>
        </span>
      </form>
    </section>
  );
}
