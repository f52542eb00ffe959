import type { CredentialView, LimitsBody } from '@latchkey/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TextField } from '@/components/Field';
import { fieldError } from '@/components/Problem';
import { EditDialog } from './EditDialog';
import { useChange } from './use-change';

const names = ['requests_per_minute', 'tokens_per_minute', 'concurrent_calls', 'wait_ms'] as const;

export function LimitsDialog({ credential, onClose }: { credential: CredentialView; onClose: () => void }) {
  const { t } = useTranslation(['credentials', 'common']);
  const [typed, setTyped] = useState<Record<string, string>>(() => Object.fromEntries(names.map((name) => [name, credential.limits[name]?.toString() ?? ''])));
  const save = useChange(credential, onClose);
  const limits: LimitsBody = Object.fromEntries(names.flatMap((name) => (typed[name] ? [[name, Number(typed[name])]] : [])));
  const dirty = names.some((name) => (typed[name] ?? '') !== (credential.limits[name]?.toString() ?? ''));
  return (
    <EditDialog title={t('limits')} sub={t('limitsSub')} dirty={dirty} busy={save.isPending} error={save.error} onSave={() => save.mutate({ limits })} onClose={onClose}>
      {names.map((name) => (
        <TextField
          key={name}
          label={t(`limitFields.${name}`)}
          hint={name === 'wait_ms' ? t('waitHint') : undefined}
          type="number"
          min={0}
          placeholder={t('unlimited')}
          value={typed[name] ?? ''}
          error={fieldError(save.error, name)}
          onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
        />
      ))}
    </EditDialog>
  );
}
