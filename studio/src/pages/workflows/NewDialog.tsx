import { createWorkflow } from '@latchkey/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { Button } from '@/components/Button';
import { Radios } from '@/components/Choice';
import { Dialog } from '@/components/Dialog';
import { TextField } from '@/components/Field';
import { fieldError, ProblemNote } from '@/components/Problem';

export function NewDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['workflows', 'common']);
  const [name, setName] = useState('');
  const [mode, setMode] = useState<'workflow' | 'advanced-chat'>('workflow');
  const navigate = useNavigate();
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: () => ok(createWorkflow({ body: { name: name.trim(), mode } })),
    onSuccess: async (workflow) => {
      await client.invalidateQueries({ queryKey: ['workflows'] });
      await navigate({ to: '/workflows/$id', params: { id: workflow.id } });
    },
  });
  const submit = () => name.trim() && make.mutate();
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('new')}
      icon={Plus}
      width={480}
      dirty={name !== ''}
      footer={
        <div className="row end">
          <Button kind="ghost" onClick={onClose}>
            {t('common:cancel')}
          </Button>
          <Button kind="primary" busy={make.isPending} onClick={submit}>
            {t('make')}
          </Button>
        </div>
      }
    >
      <form
        className="col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField label={t('common:name')} value={name} autoFocus dir="auto" error={fieldError(make.error, 'name')} onChange={(event) => setName(event.target.value)} />
        <Radios
          label={t('mode')}
          className="flex-col items-start"
          value={mode}
          onChange={setMode}
          options={[
            { value: 'workflow', label: t('modes.workflow'), hint: t('modeHint.workflow') },
            { value: 'advanced-chat', label: t('modes.advanced-chat'), hint: t('modeHint.chat') },
          ]}
        />
        {make.error && <ProblemNote error={make.error} />}
        <button type="submit" className="vh" tabIndex={-1} aria-hidden="true" />
      </form>
    </Dialog>
  );
}
