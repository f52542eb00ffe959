import { getDraft, getWorkflow, type WorkflowView } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { useBlocker, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok, okTagged } from '@/api/http';
import { workflowQuery } from '@/api/queries';
import { useMay } from '@/api/session';
import { Segmented } from '@/components/Choice';
import { Page } from '@/components/Page';
import { ProblemNote } from '@/components/Problem';
import { offerCommands } from '@/util/palette';
import './editor.css';
import { Canvas } from './canvas/Canvas';
import { Outline } from './canvas/Outline';
import { isContainerStart, isNote, kindOf, titleOf } from './document/draft';
import type { JsonObject } from './document/json';
import { ConflictNote } from './page/saved';
import { TopBar, type View } from './page/TopBar';
import { DocumentPanel } from './panel/DocumentPanel';
import { Panel } from './panel/Panel';
import { SingleRun } from './run/SingleRun';
import { TestRun } from './run/TestRun';
import { createRunner } from './run/runner';
import { createSaver, type Saver } from './save/saver';
import { isUnsaved } from './save/saving';
import { OpenedProvider, useEditorState } from './state/context';
import { createEditor, type Editor } from './state/editor';
import { askForRun } from './state/signals';
import { useStore } from './state/store';
import { KeysPanel } from './who/KeysPanel';
import { RunsView } from './views/RunsView';
import { VersionsView } from './views/VersionsView';
import { YamlView } from './views/YamlView';

const VIEWS: readonly View[] = ['canvas', 'yaml', 'versions', 'runs'];

/** The selected node stands in the address. */
function useAddress() {
  const search = useSearch({ from: '/inside/workflows/$id' });
  const navigate = useNavigate({ from: '/workflows/$id' });
  const selected = useEditorState((state) => (state.selection.length === 1 ? state.selection[0] : undefined));
  useEffect(() => {
    if (selected === search.node) return;
    void navigate({ search: (old) => ({ ...old, node: selected, panel: selected === undefined ? undefined : old.panel }), replace: true });
  }, [selected, search.node, navigate]);
}

function useOffered(editor: Editor) {
  const { t } = useTranslation('editor');
  const nodes = useEditorState((state) => state.history.now.nodes);
  useEffect(
    () =>
      offerCommands([
        { id: 'editor:run', group: t('palette.group'), label: t('run.test'), keys: '⌘Enter', run: () => askForRun.set((old) => old + 1) },
        { id: 'editor:tidy', group: t('palette.group'), label: t('tools.tidy'), run: () => editor.tidy() },
        ...nodes
          .filter((node) => !isNote(node) && !isContainerStart(kindOf(node)))
          .map((node) => ({ id: `node:${node.id}`, group: t('palette.nodes'), label: titleOf(node), run: () => editor.select([node.id]) })),
      ]),
    [editor, nodes, t],
  );
}

function Opened({ editor, workflow, saver }: { editor: Editor; workflow: WorkflowView; saver: Saver }) {
  const { t } = useTranslation('editor');
  const search = useSearch({ from: '/inside/workflows/$id' });
  const navigate = useNavigate({ from: '/workflows/$id' });
  const view = VIEWS.find((each) => each === search.view) ?? 'canvas';
  const side = useEditorState((state) => state.side);
  const selected = useEditorState((state) => (state.selection.length === 1 ? state.selection[0] : undefined));
  const unsaved = useEditorState((state) => isUnsaved(state.saving));
  const wanted = useStore(askForRun, (count) => count);
  const [seen, setSeen] = useState(wanted);
  if (seen !== wanted) {
    setSeen(wanted);
    queueMicrotask(() => editor.open('run'));
  }
  useAddress();
  useOffered(editor);
  useBlocker({ shouldBlockFn: async () => !editor.readOnly && unsaved && !(await saver.flush()) && !window.confirm(t('save.leave')), enableBeforeUnload: () => unsaved && !editor.readOnly });
  useEffect(() => {
    document.title = `${workflow.name} · Latchkey`;
  }, [workflow.name]);
  const onView = (next: View) => void navigate({ search: (old) => ({ ...old, view: next === 'canvas' ? undefined : next }) });
  const choose = (version: string | undefined, against: string | undefined) => void navigate({ search: (old) => ({ ...old, version, against }), replace: true });
  const right = side === 'node' ? selected !== undefined : side !== undefined;
  return (
    <main className="main editor" id="main" tabIndex={-1}>
      <TopBar workflow={workflow} view={view} onView={onView} saver={saver} />
      <div className="phoneviews only-m">
        <Segmented<View> label={t('top.views')} value={view} onChange={onView} options={VIEWS.map((each) => ({ value: each, label: each === 'yaml' ? 'YAML' : t(`top.${each}`) }))} />
      </div>
      {view === 'canvas' ? (
        <div className="stage" data-side={right ? 'on' : 'off'}>
          <Canvas />
          <Outline />
          <ConflictNote saver={saver} />
          {side === 'node' && selected !== undefined && (
            <Panel key={selected} id={selected} tab={search.panel} onTab={(tab) => void navigate({ search: (old) => ({ ...old, panel: tab === 'settings' ? undefined : tab }), replace: true })} />
          )}
          {side === 'run' && <TestRun saver={saver} />}
          {side === 'variables' && <DocumentPanel />}
          {side === 'keys' && <KeysPanel />}
          <SingleRun saver={saver} />
        </div>
      ) : (
        <div className="edview">
          <ConflictNote saver={saver} />
          {view === 'yaml' && <YamlView />}
          {view === 'versions' && <VersionsView saver={saver} chosen={search.version} against={search.against} onChoose={choose} />}
          {view === 'runs' && <RunsView />}
        </div>
      )}
    </main>
  );
}

function Loaded({ document, etag, workflow }: { document: JsonObject; etag: string | null; workflow: WorkflowView }) {
  const may = useMay('workflows:write');
  const search = useSearch({ from: '/inside/workflows/$id' });
  const [opened] = useState(() => {
    const editor = createEditor(workflow.id, document, etag, !may);
    // What the address says is selected.
    if (search.node !== undefined && editor.draft().nodes.some((node) => node.id === search.node)) editor.select([search.node]);
    return { editor, runner: createRunner(workflow.id, editor.draft), saver: createSaver(editor) };
  });
  useEffect(() => opened.saver.start(), [opened]);
  useEffect(() => () => opened.runner.clear(), [opened]);
  const { data: fresh } = useQuery(workflowQuery(workflow.id));
  return (
    <OpenedProvider value={opened}>
      <Opened editor={opened.editor} workflow={fresh ?? workflow} saver={opened.saver} />
    </OpenedProvider>
  );
}

/** The editor of one workflow. */
export function EditorPage() {
  const { t } = useTranslation('editor');
  const { id } = useParams({ from: '/inside/workflows/$id' });
  const { data, error, refetch } = useQuery({
    queryKey: ['workflows', id, 'open'],
    queryFn: async () => {
      const [workflow, draft] = await Promise.all([ok(getWorkflow({ path: { id } })), okTagged(getDraft({ path: { id } }))]);
      return { workflow, document: draft.data as JsonObject, etag: draft.etag };
    },
    // The draft lives in the editor from here on; what others do to it is found out by saving.
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    throwOnError: (failed) => 'status' in failed && failed.status === 404,
  });
  if (error !== null) {
    return (
      <Page title={t('top.workflow')}>
        <ProblemNote error={error} title={t('open.failed')} retry={() => void refetch()} />
      </Page>
    );
  }
  if (data === undefined) {
    return (
      <main className="main editor" id="main" tabIndex={-1} aria-busy="true">
        <div className="top">
          <span className="sk late h-4 w-40" />
        </div>
        <div className="stage" />
      </main>
    );
  }
  return <Loaded key={id} document={data.document} etag={data.etag} workflow={data.workflow} />;
}
