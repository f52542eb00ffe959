import type { BudgetBody, CredentialView } from '@latchkey/client';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '@/components/Button';
import { Input, Select } from '@/components/Field';
import { EditDialog } from './EditDialog';
import { useChange } from './use-change';

type Line = { period: string; unit: string; amount: string; warn: string };
const periods = ['day', 'month', 'total'] as const;
const units = ['USD', 'EUR', 'CNY', 'tokens'] as const;

const lineOf = (budget: CredentialView['budgets'][number]): Line => ({ period: budget.period, unit: budget.money?.currency ?? 'tokens', amount: budget.money?.amount ?? budget.limit, warn: String(budget.warn_percent ?? '') });

const bodyOf = (line: Line): BudgetBody => ({
  period: line.period,
  ...(line.unit === 'tokens' ? { tokens: Number(line.amount) } : { money: { amount: line.amount.trim(), currency: line.unit } }),
  ...(line.warn ? { warn_percent: Number(line.warn) } : {}),
});

export function BudgetDialog({ credential, onClose }: { credential: CredentialView; onClose: () => void }) {
  const { t } = useTranslation(['credentials', 'common']);
  const before = credential.budgets.map(lineOf);
  const [lines, setLines] = useState<Line[]>(before.length > 0 ? before : [{ period: 'month', unit: 'USD', amount: '', warn: '80' }]);
  const save = useChange(credential, onClose);
  const change = (index: number, next: Partial<Line>) => setLines(lines.map((line, at) => (at === index ? { ...line, ...next } : line)));
  const filled = lines.filter((line) => line.amount.trim());
  return (
    <EditDialog title={t('budget')} sub={t('budgetSub')} width={560} dirty={JSON.stringify(filled) !== JSON.stringify(before)} busy={save.isPending} error={save.error} onSave={() => save.mutate({ budgets: filled.map(bodyOf) })} onClose={onClose}>
      {lines.map((line, index) => (
        <fieldset key={index} className="row wrap">
          <legend className="vh">{t('budgetNumber', { number: index + 1 })}</legend>
          <Select className="w-28" aria-label={t('period')} value={line.period} onChange={(event) => change(index, { period: event.target.value })}>
            {periods.map((period) => (
              <option key={period} value={period}>
                {t(`periodNames.${period}`)}
              </option>
            ))}
          </Select>
          <Input className="w-28" inputMode="decimal" aria-label={t('amount')} placeholder="50.00" value={line.amount} onChange={(event) => change(index, { amount: event.target.value })} />
          <Select className="w-28" aria-label={t('unit')} value={line.unit} onChange={(event) => change(index, { unit: event.target.value })}>
            {units.map((unit) => (
              <option key={unit} value={unit}>
                {unit === 'tokens' ? t('tokens') : unit}
              </option>
            ))}
          </Select>
          <span className="row g4">
            <span className="t2 sm">{t('warnAt')}</span>
            <Input className="w-16" type="number" min={1} max={100} aria-label={t('warnAt')} value={line.warn} onChange={(event) => change(index, { warn: event.target.value })} />
            <span className="t3">%</span>
          </span>
          <IconButton icon={X} label={t('removeBudget')} onClick={() => setLines(lines.filter((_, at) => at !== index))} />
        </fieldset>
      ))}
      <span>
        <Button size="sm" icon={Plus} onClick={() => setLines([...lines, { period: 'day', unit: 'USD', amount: '', warn: '80' }])}>
          {t('addBudget')}
        </Button>
      </span>
    </EditDialog>
  );
}
