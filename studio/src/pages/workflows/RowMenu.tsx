import { changeWorkflow, deleteWorkflow, exportWorkflow, type WorkflowView } from '@latchkey/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CodeXml, Download, ListTree, MessageSquareText, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { Button } from '@/components/Button';
import { ConfirmDialog, Dialog } from '@/components/Dialog';
import { TextAreaField, TextField } from '@/components/Field';
import { Menu, type MenuItem } from '@/components/Menu';
import { useForbidden } from '@/components/May';
import { fieldError, ProblemNote } from '@/components/Problem';
import { toast } from '@/components/Toast';
import { asText, fileName, saveFile } from '@/util/save';

function RenameDialog({ workflow, onClose }: { workflow: WorkflowView; onClose: () => void }) {
  const { t } = useTranslation(['workflows', 'common']);
  const [name, setName] = useState(workflow.name);
  const [description, setDescription] = useState(workflow.description);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => ok(changeWorkflow({ path: { id: workflow.id }, body: { name: name.trim(), description } })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['workflows'] });
      onClose();
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('rename')}
      width={460}
      dirty={name !== workflow.name || description !== workflow.description}
      footer={
        <div className="row end">
          <Button kind="ghost" onClick={onClose}>
            {t('common:cancel')}
          </Button>
          <Button kind="primary" busy={save.isPending} onClick={() => save.mutate()}>
            {t('common:save')}
          </Button>
        </div>
      }
    >
      <form
        className="col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextField label={t('common:name')} value={name} dir="auto" error={fieldError(save.error, 'name')} onChange={(event) => setName(event.target.value)} />
        <TextAreaField label={t('description')} value={description} dir="auto" onChange={(event) => setDescription(event.target.value)} />
        {save.error && <ProblemNote error={save.error} />}
      </form>
    </Dialog>
  );
}

export function RowMenu({ workflow }: { workflow: WorkflowView }) {
  const { t } = useTranslation(['workflows', 'common']);
  const [open, setOpen] = useState<'rename' | 'delete' | null>(null);
  const navigate = useNavigate();
  const client = useQueryClient();
  const forbidden = useForbidden('workflows:write');
  const remove = useMutation({
    mutationFn: () => ok(deleteWorkflow({ path: { id: workflow.id } })),
    onSuccess: async () => {
      setOpen(null);
      await client.invalidateQueries({ queryKey: ['workflows'] });
      toast(t('deleted', { name: workflow.name }));
    },
  });
  const download = useMutation({
    mutationFn: () => ok(exportWorkflow({ path: { id: workflow.id }, parseAs: 'text' })),
    onSuccess: (yaml) => saveFile(fileName(workflow.name, 'yml'), asText(yaml), 'application/yaml'),
    onError: () => toast(t('exportFailed'), { tone: 'warn' }),
  });
  const items: MenuItem[] = [
    ...(workflow.mode === 'advanced-chat' ? [{ label: t('chat'), icon: MessageSquareText, onSelect: () => void navigate({ to: '/workflows/$id/chat', params: { id: workflow.id } }) }] : []),
    { label: t('runs'), icon: ListTree, onSelect: () => void navigate({ to: '/runs', search: { workflow: workflow.id } }) },
    { label: t('api'), icon: CodeXml, onSelect: () => void navigate({ to: '/api-keys', search: { workflow: workflow.id } }) },
    { label: t('export'), icon: Download, onSelect: () => download.mutate() },
    { kind: 'line' },
    { label: t('rename'), icon: Pencil, disabled: !!forbidden, onSelect: () => setOpen('rename') },
    { label: t('common:delete'), icon: Trash2, danger: true, disabled: !!forbidden, onSelect: () => setOpen('delete') },
  ];
  return (
    <>
      <Menu label={t('menu', { name: workflow.name })} items={items} />
      {open === 'rename' && <RenameDialog workflow={workflow} onClose={() => setOpen(null)} />}
      <ConfirmDialog open={open === 'delete'} onClose={() => setOpen(null)} onConfirm={() => remove.mutate()} busy={remove.isPending} title={t('deleteTitle', { name: workflow.name })} action={t('common:delete')}>
        {t('deleteText')}
        {remove.error && <ProblemNote error={remove.error} className="mt-3" />}
      </ConfirmDialog>
    </>
  );
}
