import type { CredentialView, ScopeBody } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { keysQuery, workflowsQuery } from '@/api/queries';
import { Checkbox, Segmented } from '@/components/Choice';
import { EditDialog } from './EditDialog';
import { useChange } from './use-change';

type Which = 'all' | 'some';
type ListProps = { title: string; options: { id: string; label: string }[]; value: string[] | null; onChange: (value: string[] | null) => void };

/** All of a kind, or these. An empty list of "these" allows nothing. */
function Part({ title, options, value, onChange }: ListProps) {
  const { t } = useTranslation('credentials');
  return (
    <fieldset>
      <div className="row mb-2">
        <legend className="b grow">{title}</legend>
        <Segmented<Which>
          label={title}
          value={value === null ? 'all' : 'some'}
          onChange={(which) => onChange(which === 'all' ? null : [])}
          options={[
            { value: 'all', label: t('scope.all') },
            { value: 'some', label: t('scope.these') },
          ]}
        />
      </div>
      {value !== null && (
        <div className="grid max-h-44 gap-1 overflow-y-auto rounded-[8px] border border-line p-2 sm:grid-cols-2">
          {options.map((option) => (
            <Checkbox key={option.id} label={<span dir="auto">{option.label}</span>} checked={value.includes(option.id)} onChange={(on) => onChange(on ? [...value, option.id] : value.filter((id) => id !== option.id))} />
          ))}
          {options.length === 0 && <span className="t3">{t('scope.nothing')}</span>}
        </div>
      )}
      {value?.length === 0 && <p className="hint">{t('scope.noneHint')}</p>}
    </fieldset>
  );
}

const keyIds = (scope: ScopeBody) => scope.principals?.flatMap((raw) => ('kind' in raw && raw.kind === 'api_key' && 'id' in raw ? [String(raw.id)] : [])) ?? null;

export function ScopeDialog({ credential, onClose }: { credential: CredentialView; onClose: () => void }) {
  const { t } = useTranslation('credentials');
  const { data: all } = useQuery(workflowsQuery);
  const { data: keys } = useQuery(keysQuery);
  const [workflows, setWorkflows] = useState<string[] | null>(credential.scope.workflows ?? null);
  const [environments, setEnvironments] = useState<string[] | null>(credential.scope.environments ?? null);
  const [callers, setCallers] = useState<string[] | null>(keyIds(credential.scope));
  const save = useChange(credential, onClose);
  // Callers that are no keys, such as members, stay as they are.
  const others = credential.scope.principals?.filter((raw) => !('kind' in raw && raw.kind === 'api_key')) ?? [];
  const scope: ScopeBody = {
    ...(workflows ? { workflows } : {}),
    ...(environments ? { environments } : {}),
    ...(callers ? { principals: [...others, ...callers.map((id) => ({ kind: 'api_key', id }))] } : {}),
  };
  const known = new Set(['production', 'staging', 'development', ...(credential.scope.environments ?? [])]);
  return (
    <EditDialog title={t('mayBeUsed')} sub={t('scopeSub')} width={560} dirty={JSON.stringify(scope) !== JSON.stringify(credential.scope)} busy={save.isPending} error={save.error} onSave={() => save.mutate({ scope })} onClose={onClose}>
      <Part title={t('scope.workflows')} options={(all ?? []).map((workflow) => ({ id: workflow.id, label: workflow.name }))} value={workflows} onChange={setWorkflows} />
      <Part title={t('scope.environments')} options={[...known].map((name) => ({ id: name, label: name }))} value={environments} onChange={setEnvironments} />
      <Part title={t('scope.callers')} options={(keys ?? []).map((key) => ({ id: key.id, label: key.name }))} value={callers} onChange={setCallers} />
    </EditDialog>
  );
}
