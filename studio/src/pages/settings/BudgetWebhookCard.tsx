import { getBudgetWebhook, listBudgetEvents, removeBudgetWebhook, setBudgetWebhook } from '@latchkey/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { Button } from '@/components/Button';
import { CopyButton } from '@/components/Copy';
import { TextField } from '@/components/Field';
import { useForbidden } from '@/components/May';
import { Note } from '@/components/Note';
import { fieldError, ProblemNote } from '@/components/Problem';
import { Tag } from '@/components/Tag';
import { Time } from '@/components/Time';

/** Who is told when a budget warns or is spent, and what was told. */
export function BudgetWebhookCard() {
  const { t } = useTranslation(['settings', 'common']);
  const client = useQueryClient();
  const forbidden = useForbidden('credentials:write');
  const hook = useQuery({ queryKey: ['budget-webhook'], queryFn: () => ok(getBudgetWebhook()), retry: false });
  const events = useQuery({ queryKey: ['budget-events'], queryFn: () => ok(listBudgetEvents({ query: { limit: 5 } })), retry: false });
  const [typed, setTyped] = useState<string | null>(null);
  const url = typed ?? hook.data?.url ?? '';
  const refresh = () => client.invalidateQueries({ queryKey: ['budget-webhook'] });
  const save = useMutation({ mutationFn: () => ok(setBudgetWebhook({ body: { url: url.trim() } })), onSuccess: refresh });
  const remove = useMutation({
    mutationFn: () => ok(removeBudgetWebhook()),
    onSuccess: () => {
      setTyped('');
      save.reset();
      return refresh();
    },
  });
  const holder = (event: object): string => {
    const raw: unknown = 'holder' in event ? event.holder : null;
    return typeof raw === 'object' && raw !== null && 'credential_name' in raw ? String(raw.credential_name) : '';
  };
  return (
    <section className="card">
      <div className="hd wrap">
        <h2>{t('webhook.title')}</h2>
        <span className="t3 sm">{t('webhook.hint')}</span>
      </div>
      <div className="bd">
        <form
          className="col gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (!forbidden && url.trim()) save.mutate();
          }}
        >
          <TextField label={t('webhook.url')} type="url" mono placeholder="https://hooks.example.com/budgets" disabled={!!forbidden} value={url} error={fieldError(save.error, 'url')} onChange={(event) => setTyped(event.target.value)} />
          <div className="row">
            <Button type="submit" busy={save.isPending} forbidden={forbidden}>
              {t('common:save')}
            </Button>
            {hook.data?.url && (
              <Button kind="ghost" busy={remove.isPending} forbidden={forbidden} onClick={() => remove.mutate()}>
                {t('webhook.remove')}
              </Button>
            )}
          </div>
        </form>
        {save.data?.secret && (
          <Note tone="warn" title={t('webhook.secret')} className="mt-3">
            {t('webhook.secretText')}
            <span className="row mt-2">
              <code className="[overflow-wrap:anywhere]">{save.data.secret}</code> <CopyButton text={save.data.secret} />
            </span>
          </Note>
        )}
        {(save.error ?? remove.error ?? hook.error) && <ProblemNote error={save.error ?? remove.error ?? hook.error} className="mt-3" />}
      </div>
      {(events.data?.data.length ?? 0) > 0 && (
        <ul className="border-t border-line">
          {events.data?.data.map((event) => (
            <li key={event.id} className="row sm min-h-10 border-b border-line px-4 last:border-b-0">
              <Tag tone={event.type.includes('exceeded') ? 'warn' : undefined}>{event.type}</Tag>
              <code>{holder(event.event)}</code>
              <span className="t2 end">
                {event.delivered_at ? t('webhook.delivered') : event.last_error ? t('webhook.failing', { count: event.attempts }) : ''} <Time at={event.at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
