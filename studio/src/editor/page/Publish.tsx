import { publish, type Item } from '@latchkey/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, Download, MessageSquareText, CodeXml, Upload } from 'lucide-react';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { ApiError } from '@/api/problem';
import { useMay } from '@/api/session';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import { Menu } from '@/components/Menu';
import { Note } from '@/components/Note';
import { ProblemNote } from '@/components/Problem';
import { toast } from '@/components/Toast';
import { findNode, modeOf, titleOf } from '../document/draft';
import { useDraft, useEditor } from '../state/context';
import type { Saver } from '../save/saver';
import type { WorkflowView } from '@latchkey/client';

function Items({ items, onJump }: { items: readonly Item[]; onJump: (node: string) => void }) {
  const draft = useDraft();
  return (
    <ul className="col g4">
      {items.map((item, index) => {
        const node = item.node_id == null ? undefined : findNode(draft, item.node_id);
        return (
          <li key={index} className="sm">
            {node !== undefined && (
              <button type="button" className="link" onClick={() => onJump(node.id)}>
                {titleOf(node)}
              </button>
            )}{' '}
            {item.message} <code className="t3">{item.code}</code>
          </li>
        );
      })}
    </ul>
  );
}

function PublishDialog({ workflow, saver, onClose }: { workflow: WorkflowView; saver: Saver; onClose: () => void }) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const client = useQueryClient();
  const id = useId();
  const [note, setNote] = useState('');
  const next = (workflow.published_version ?? 0) + 1;
  const action = useMutation({
    mutationFn: async () => {
      if (!(await saver.flush())) throw new ApiError(409, { code: 'draft_not_saved', detail: t('publish.unsaved') });
      return ok(publish({ path: { id: workflow.id }, body: { note } }));
    },
    onSuccess: (published) => {
      void client.invalidateQueries({ queryKey: ['workflows'] });
      if ((published.warnings ?? []).length === 0) {
        toast(t('publish.done', { version: published.version }));
        onClose();
      }
    },
  });
  const jump = (node: string) => {
    editor.select([node]);
    onClose();
  };
  const problems = action.error instanceof ApiError ? action.error.items : [];
  const warnings = action.data?.warnings ?? [];
  return (
    <Dialog
      open
      onClose={onClose}
      title={action.data === undefined ? t('publish.title', { version: next }) : t('publish.done', { version: action.data.version })}
      icon={Upload}
      sub={t('publish.sub')}
      footer={
        action.data === undefined ? (
          <>
            <span className="grow" />
            <Button kind="ghost" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button kind="primary" busy={action.isPending} onClick={() => action.mutate()}>
              {t('publish.button', { version: next })}
            </Button>
          </>
        ) : (
          <Button kind="primary" className="end" onClick={onClose}>
            {t('close')}
          </Button>
        )
      }
    >
      {action.data === undefined ? (
        <>
          <label className="lab" htmlFor={id}>
            {t('publish.note')}
          </label>
          <textarea id={id} className="inp area" rows={3} autoFocus dir="auto" maxLength={2000} value={note} placeholder={t('publish.noteHint')} onChange={(event) => setNote(event.target.value)} />
        </>
      ) : (
        <Note tone="warn" title={t('publish.warnings', { count: warnings.length })}>
          <Items items={warnings} onJump={jump} />
        </Note>
      )}
      {action.error !== null && (
        <div className="mt-3 col">
          <ProblemNote error={action.error} title={t('publish.refused')} />
          {problems.length > 0 && <Items items={problems} onJump={jump} />}
        </div>
      )}
    </Dialog>
  );
}

/** *Publish v15* with its menu. */
export function Publish({ workflow, saver }: { workflow: WorkflowView; saver: Saver }) {
  const { t } = useTranslation('editor');
  const navigate = useNavigate();
  const draft = useDraft();
  const may = useMay('workflows:publish');
  const [open, setOpen] = useState(false);
  const next = (workflow.published_version ?? 0) + 1;
  return (
    <>
      <span className="row g4 joined">
        <Button kind="primary" forbidden={!may && t('publish.forbidden')} onClick={() => setOpen(true)} aria-label={t('publish.button', { version: next })}>
          <span className="hide-m">{t('publish.button', { version: next })}</span>
          <span className="only-m">
            <Upload size={16} />
          </span>
        </Button>
        <Menu
          label={t('publish.more')}
          trigger={<Button kind="primary" icon={ChevronDown} aria-label={t('publish.more')} className="narrow" />}
          items={[
            ...(modeOf(draft) === 'advanced-chat' ? [{ label: t('publish.chat'), icon: MessageSquareText, onSelect: () => void navigate({ to: '/workflows/$id/chat', params: { id: workflow.id } }) }] : []),
            { label: t('publish.api'), icon: CodeXml, onSelect: () => void navigate({ to: '/api-keys', search: { workflow: workflow.id } }) },
            { label: t('publish.export'), icon: Download, onSelect: () => window.open(`/api/v1/workflows/${workflow.id}/export`, '_blank') },
          ]}
        />
      </span>
      {open && <PublishDialog workflow={workflow} saver={saver} onClose={() => setOpen(false)} />}
    </>
  );
}
