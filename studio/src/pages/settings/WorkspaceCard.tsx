import { changeWorkspace } from '@latchkey/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { sessionQuery, useSession } from '@/api/session';
import { Button } from '@/components/Button';
import { TextField } from '@/components/Field';
import { useForbidden } from '@/components/May';
import { fieldError, ProblemNote } from '@/components/Problem';
import { toast } from '@/components/Toast';

/** The workspace's name, which stands at the top of every page. */
export function WorkspaceCard() {
  const { t } = useTranslation(['settings', 'common']);
  const { workspace } = useSession();
  const [name, setName] = useState(workspace.name);
  const forbidden = useForbidden('workspace:write');
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => ok(changeWorkspace({ body: { name: name.trim() } })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: sessionQuery.queryKey });
      toast(t('workspace.saved'));
    },
  });
  const changed = name.trim() !== workspace.name && name.trim() !== '';
  const wrong = fieldError(save.error, 'name');
  return (
    <section className="card" aria-label={t('workspace.title')}>
      <div className="hd">
        <h2>{t('workspace.title')}</h2>
      </div>
      <form
        className="bd col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (changed && !forbidden) save.mutate();
        }}
      >
        <TextField label={t('workspace.name')} dir="auto" autoComplete="off" value={name} readOnly={!!forbidden} error={wrong} onChange={(event) => setName(event.target.value)} />
        {save.error && !wrong && <ProblemNote error={save.error} />}
        <span>
          <Button type="submit" busy={save.isPending} disabled={!changed} forbidden={forbidden}>
            {t('common:save')}
          </Button>
        </span>
      </form>
    </section>
  );
}
