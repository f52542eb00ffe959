import type { WorkflowView } from '@latchkey/client';
import { Link } from '@tanstack/react-router';
import { ArrowLeft, Braces, CircleStop, KeyRound, Play, Redo2, Undo2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useMay } from '@/api/session';
import { Button, buttonClass, IconButton } from '@/components/Button';
import { Segmented } from '@/components/Choice';
import { Icon } from '@/components/Icon';
import { ThemeButton } from '@/components/ThemeButton';
import { Tag } from '@/components/Tag';
import { isOver } from '../document/run/state';
import { useEditor, useEditorState, useRunner } from '../state/context';
import { useStore } from '../state/store';
import { askForRun } from '../state/signals';
import type { Saver } from '../save/saver';
import { ProblemList } from './ProblemList';
import { Publish } from './Publish';
import { SavedState } from './saved';

export type View = 'canvas' | 'yaml' | 'versions' | 'runs';

function RunButton() {
  const { t } = useTranslation('editor');
  const runner = useRunner();
  const may = useMay('runs:write');
  const live = useStore(runner.store, (state) => state.id !== undefined && state.run !== undefined && !isOver(state.run) && state.run.status !== 'paused');
  const stopping = useStore(runner.store, (state) => state.stopping);
  if (live) {
    return (
      <Button kind="danger" icon={CircleStop} busy={stopping} onClick={() => void runner.stop()}>
        {t('run.stop')}
      </Button>
    );
  }
  return (
    <Button icon={Play} forbidden={!may && t('run.forbidden')} onClick={() => askForRun.set((old) => old + 1)}>
      {t('run.test')}
    </Button>
  );
}

export function TopBar({ workflow, view, onView, saver }: { workflow: WorkflowView; view: View; onView: (view: View) => void; saver: Saver }) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const mayUndo = useEditorState((state) => state.history.past.length > 0);
  const mayRedo = useEditorState((state) => state.history.future.length > 0);
  const keys = useEditorState((state) => state.side === 'keys');
  const variables = useEditorState((state) => state.side === 'variables');
  return (
    <div className="top">
      <Link to="/workflows" className={buttonClass({ kind: 'ghost', className: 'ic' })} aria-label={t('top.back')}>
        <Icon of={ArrowLeft} />
      </Link>
      <h1 className="edname ell" dir="auto" title={workflow.name}>
        {workflow.name}
      </h1>
      <Tag>{t('top.draft')}</Tag>
      <SavedState />
      <Segmented<View>
        label={t('top.views')}
        className="ml-1 hide-m flex-none"
        value={view}
        onChange={onView}
        options={[
          { value: 'canvas', label: t('top.canvas') },
          { value: 'yaml', label: 'YAML' },
          { value: 'versions', label: t('top.versions') },
          { value: 'runs', label: t('top.runs') },
        ]}
      />
      <span className="end row">
        {!editor.readOnly && (
          <span className="row g4 hide-m">
            <IconButton icon={Undo2} label={t('top.undo')} disabled={!mayUndo} onClick={editor.undo} />
            <IconButton icon={Redo2} label={t('top.redo')} disabled={!mayRedo} onClick={editor.redo} />
          </span>
        )}
        <span className="hide-t">
          <IconButton icon={Braces} label={t('top.variables')} aria-pressed={variables} onClick={() => editor.open(variables ? undefined : 'variables')} />
        </span>
        <IconButton icon={KeyRound} label={t('keys.title')} aria-pressed={keys} onClick={() => editor.open(keys ? undefined : 'keys')} />
        <ProblemList />
        <ThemeButton />
        <RunButton />
        <span className="hide-m">
          <Publish workflow={workflow} saver={saver} />
        </span>
      </span>
    </div>
  );
}
