import { ArrowLeftRight, GitMerge } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import { Note } from '@/components/Note';
import { ago, clock } from '@/util/format';
import { useSeconds } from '@/util/now';
import { useEditor, useEditorState } from '../state/context';
import type { Saver } from '../save/saver';
import { DifferenceView } from '../views/DifferenceView';

/** `Saved 10:42`, `Saving…`, `Not saved, offline`. */
export function SavedState() {
  const { t } = useTranslation('editor');
  const saving = useEditorState((state) => state.saving);
  const editor = useEditor();
  if (editor.readOnly) return <span className="t2 hide-m">{t('save.viewer')}</span>;
  const words = (): string => {
    switch (saving.kind) {
      case 'saved':
        return t('save.saved', { time: clock(new Date(saving.at)).slice(0, 5) });
      case 'waiting':
      case 'saving':
        return t('save.saving');
      case 'offline':
        return t('save.offline', { count: saving.changes });
      case 'conflict':
        return t('save.conflict');
      case 'refused':
        return t('save.refused');
    }
  };
  const bad = saving.kind === 'offline' || saving.kind === 'conflict' || saving.kind === 'refused';
  return (
    <span className={bad ? 'text-warn nw' : 't2 nw hide-m'} role="status">
      {words()}
    </span>
  );
}

/** Somebody else has saved first: whether both can be kept, and the three ways on. */
export function ConflictNote({ saver }: { saver: Saver }) {
  const { t } = useTranslation('editor');
  const saving = useEditorState((state) => state.saving);
  const mine = useEditorState((state) => state.history.now);
  const [comparing, setComparing] = useState(false);
  const now = useSeconds();
  if (saving.kind === 'refused') {
    return (
      <div className="overnote">
        <Note tone="err" role="alert" title={t('save.refusedTitle')}>
          {saving.message} <code>{saving.code}</code>
        </Note>
      </div>
    );
  }
  if (saving.kind !== 'conflict') return null;
  const clean = saving.clashes.length === 0;
  return (
    <div className="overnote">
      <Note tone="warn" icon={GitMerge} role="alert" title={saving.by?.by_name ? t('conflict.titleBy', { name: saving.by.by_name, when: ago(saving.by.at, now) }) : t('conflict.title')}>
        {clean ? t('conflict.clean') : t('conflict.clash', { nodes: saving.clashes.map((title) => title || t('conflict.document')).join(', ') })}
        <div className="row mt-2">
          <Button kind={clean ? 'primary' : 'default'} size="sm" icon={GitMerge} onClick={saver.keepBoth}>
            {clean ? t('conflict.both') : t('conflict.bothMine')}
          </Button>
          <Button size="sm" icon={ArrowLeftRight} onClick={() => setComparing(true)}>
            {t('conflict.compare')}
          </Button>
          <Button size="sm" kind="ghost" onClick={saver.useTheirs}>
            {t('conflict.theirs')}
          </Button>
        </div>
      </Note>
      <Dialog open={comparing} onClose={() => setComparing(false)} title={t('conflict.compareTitle')} width={900}>
        <DifferenceView before={saving.theirs} after={mine} beforeName={t('conflict.their')} afterName={t('conflict.mine')} />
      </Dialog>
    </div>
  );
}
