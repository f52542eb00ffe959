import { deletePrice, listPrices, putPrice, type StatedPriceView } from '@latchkey/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { all, providersQuery } from '@/api/queries';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import { SelectField, TextField } from '@/components/Field';
import { useForbidden } from '@/components/May';
import { fieldError, ProblemNote, useErrorText } from '@/components/Problem';
import { ProviderMark } from '@/components/ProviderMark';
import { Time } from '@/components/Time';
import { toast } from '@/components/Toast';
import { money } from '@/util/format';

const currencies = ['USD', 'EUR', 'CNY'];

function PriceDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['settings', 'common']);
  const { data: providers } = useQuery(providersQuery);
  const [provider, setProvider] = useState('openai');
  const [typed, setTyped] = useState({ model: '', currency: 'USD', input: '', output: '', cache_read: '' });
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      ok(putPrice({ body: { provider, model: typed.model.trim(), currency: typed.currency, input: typed.input.trim(), ...(typed.output.trim() ? { output: typed.output.trim() } : {}), ...(typed.cache_read.trim() ? { cache_read: typed.cache_read.trim() } : {}) } })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['prices'] });
      onClose();
    },
  });
  const models = providers?.find((each) => each.id === provider)?.models ?? [];
  const set = (next: Partial<typeof typed>) => setTyped({ ...typed, ...next });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('prices.add')}
      sub={t('prices.addSub')}
      width={480}
      dirty={typed.model !== ''}
      footer={
        <>
          <span className="grow" />
          <Button kind="ghost" onClick={onClose}>
            {t('common:cancel')}
          </Button>
          <Button kind="primary" busy={save.isPending} onClick={() => save.mutate()}>
            {t('common:save')}
          </Button>
        </>
      }
    >
      <form
        className="grid gap-4 sm:grid-cols-2"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <SelectField label={t('prices.provider')} value={provider} onChange={(event) => setProvider(event.target.value)}>
          {[...(providers ?? [])].sort((a, b) => a.label.localeCompare(b.label)).map((each) => (
            <option key={each.id} value={each.id}>
              {each.label}
            </option>
          ))}
        </SelectField>
        <TextField label={t('prices.model')} mono list="known-models" value={typed.model} error={fieldError(save.error, 'model')} onChange={(event) => set({ model: event.target.value })} />
        <datalist id="known-models">
          {models.map((model) => ('name' in model ? <option key={String(model.name)} value={String(model.name)} /> : null))}
        </datalist>
        <SelectField label={t('prices.currency')} value={typed.currency} onChange={(event) => set({ currency: event.target.value })}>
          {currencies.map((currency) => (
            <option key={currency}>{currency}</option>
          ))}
        </SelectField>
        <TextField label={t('prices.input')} inputMode="decimal" placeholder="2.00" hint={t('prices.million')} value={typed.input} error={fieldError(save.error, 'input')} onChange={(event) => set({ input: event.target.value })} />
        <TextField label={t('prices.cached')} inputMode="decimal" optional={t('common:optional')} value={typed.cache_read} error={fieldError(save.error, 'cache_read')} onChange={(event) => set({ cache_read: event.target.value })} />
        <TextField label={t('prices.output')} inputMode="decimal" placeholder="8.00" value={typed.output} error={fieldError(save.error, 'output')} onChange={(event) => set({ output: event.target.value })} />
        {save.error && <ProblemNote error={save.error} className="sm:col-span-2" />}
      </form>
    </Dialog>
  );
}

/** Prices that the workspace states itself; they are stronger than the catalogue's. */
export function PricesCard() {
  const { t } = useTranslation(['settings', 'common']);
  const client = useQueryClient();
  const say = useErrorText();
  const forbidden = useForbidden('credentials:write');
  const [adding, setAdding] = useState(false);
  const prices = useQuery({ queryKey: ['prices'], queryFn: () => all<StatedPriceView>((cursor) => ok(listPrices({ query: { limit: 200, cursor } }))), retry: false });
  const remove = useMutation({ mutationFn: (id: string) => ok(deletePrice({ path: { id } })), onSuccess: () => client.invalidateQueries({ queryKey: ['prices'] }), onError: (error) => toast(say(error), { tone: 'warn' }) });
  return (
    <section className="card">
      <div className="hd wrap">
        <h2>{t('prices.title')}</h2>
        <span className="t3 sm">{t('prices.hint')}</span>
        <span className="end">
          <Button size="sm" icon={Plus} forbidden={forbidden} onClick={() => setAdding(true)}>
            {t('prices.add')}
          </Button>
        </span>
      </div>
      {prices.error && <ProblemNote error={prices.error} retry={() => void prices.refetch()} className="px-4 pb-4" />}
      {prices.data?.length === 0 && <p className="t2 border-t border-line px-4 py-3">{t('prices.none')}</p>}
      {prices.data && prices.data.length > 0 && (
        <table className="tbl den stack">
          <thead>
            <tr>
              <th>{t('prices.model')}</th>
              <th className="r">{t('prices.input')}</th>
              <th className="r">{t('prices.output')}</th>
              <th>{t('prices.from')}</th>
              <th>
                <span className="vh">{t('common:actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {prices.data.map((price) => (
              <tr key={price.id}>
                <td className="full">
                  <span className="row">
                    <ProviderMark provider={price.provider} /> <span className="b">{price.model}</span>
                  </span>
                </td>
                <td className="r">{money(price.price.input, price.price.currency)}</td>
                <td className="r">{money(price.price.output, price.price.currency)}</td>
                <td className="t2 sm">
                  <Time at={price.effective_from} />
                </td>
                <td className="r push">
                  <Button size="sm" kind="ghost" forbidden={forbidden} onClick={() => remove.mutate(price.id)}>
                    {t('common:delete')}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {adding && <PriceDialog onClose={() => setAdding(false)} />}
    </section>
  );
}
