import { useNavigate, useSearch } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import type { WorkflowView } from '@latchkey/client';
import { FileDown, LayoutGrid, Plus, Rows3, SearchX, Upload } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { runCountsQuery, workflowsQuery } from '@/api/queries';
import { addMoney, since, usageQuery } from '@/api/usage';
import { useSession } from '@/api/session';
import { Button } from '@/components/Button';
import { Segmented } from '@/components/Choice';
import { Empty } from '@/components/Empty';
import { FilterChip, FilterOptions, SearchInput } from '@/components/Filters';
import { Icon } from '@/components/Icon';
import { useForbidden } from '@/components/May';
import { Page } from '@/components/Page';
import { ProblemNote } from '@/components/Problem';
import { SkeletonRows } from '@/components/Skeleton';
import { moneys, number } from '@/util/format';
import { useDroppedFiles } from '@/util/drop';
import { EmptyWorkflows } from './EmptyWorkflows';
import { WorkflowCards } from './WorkflowCards';
import type { WeekRows } from './week';
import { WorkflowTable } from './WorkflowTable';
import { useWhoPays } from './who-pays';

const ImportDialog = lazy(() => import('./import/ImportDialog').then((module) => ({ default: module.ImportDialog })));
const NewDialog = lazy(() => import('./NewDialog').then((module) => ({ default: module.NewDialog })));

const modes = ['workflow', 'advanced-chat'] as const;
const keyStates = ['missing', 'variable', 'shared'] as const;

/** Rows are shown, and their payers asked for, by the hundred. A search by key or model has to ask for all. */
const step = 100;

function useShown(workflows: WorkflowView[] | undefined, most: number) {
  const search = useSearch({ from: '/inside/workflows' });
  const pays = useWhoPays(search.q || search.key ? (workflows ?? []) : (workflows ?? []).slice(0, most));
  const words = (search.q ?? '').toLowerCase();
  const rows = (workflows ?? []).filter((workflow) => {
    const key = pays.get(workflow.id);
    const name = key?.kind === 'key' ? `${key.name} ${key.provider}` : '';
    const models = pays.models(workflow.id);
    if (words && !`${workflow.name} ${workflow.description} ${name} ${models}`.toLowerCase().includes(words)) return false;
    if (search.mode && workflow.mode !== search.mode) return false;
    if (search.key === 'missing') return key?.kind === 'missing';
    if (search.key === 'variable') return key?.kind === 'key' && key.byVariable;
    if (search.key === 'shared') return key?.kind === 'key' && key.level === 'workspace_default';
    return true;
  });
  return { rows, pays };
}

export function ListPage() {
  const { t } = useTranslation(['workflows', 'common']);
  const search = useSearch({ from: '/inside/workflows' });
  const navigate = useNavigate({ from: '/workflows' });
  const { data: workflows, error, refetch } = useQuery(workflowsQuery);
  const { data: sums } = useQuery(usageQuery(['workflow'], { from: since(7) }));
  const { data: counts } = useQuery(runCountsQuery(since(7)));
  const week: WeekRows = { runs: counts ?? [], calls: sums?.rows ?? [] };
  const [most, setMost] = useState(step);
  const { rows: all, pays } = useShown(workflows, most);
  const rows = all.slice(0, most);
  const [files, setFiles] = useState<File[]>([]);
  const forbidden = useForbidden('workflows:write');
  const session = useSession();
  const set = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  const importFiles = (dropped: File[]) => {
    setFiles(dropped);
    set({ import: 'file' });
  };
  const over = useDroppedFiles(importFiles, !forbidden);
  const close = () => {
    setFiles([]);
    set({ import: undefined });
  };
  const filtered = !!(search.q || search.mode || search.key);
  const cost = moneys(addMoney(week.calls.map((row) => row.cost)));
  const runs = week.runs.reduce((sum, row) => sum + row.runs, 0);
  const empty = workflows?.length === 0;

  return (
    <Page
      title={t('title')}
      sub={empty ? t('none', { workspace: session.workspace.name }) : workflows && t('sub', { count: workflows.length, shown: number(workflows.length), runs: number(runs), cost })}
      actions={
        !empty && (
          <>
            <Button icon={Upload} forbidden={forbidden} onClick={() => set({ import: 'file' })}>
              {t('import')}
            </Button>
            <Button icon={Plus} kind="primary" forbidden={forbidden} onClick={() => set({ import: 'new' })}>
              {t('new')}
            </Button>
          </>
        )
      }
    >
      {error && <ProblemNote error={error} title={t('failed')} retry={() => void refetch()} className="mb-4" />}
      {empty && <EmptyWorkflows onFiles={importFiles} onPaste={() => set({ import: 'paste' })} onNew={() => set({ import: 'new' })} forbidden={forbidden} />}
      {!empty && (
        <>
          <div className="row wrap mb-3">
            <SearchInput value={search.q ?? ''} onValue={(q) => set({ q: q || undefined })} placeholder={t('filter')} />
            <FilterChip label={t('mode')} value={search.mode} shown={search.mode && t(`modes.${search.mode}`)} onClear={() => set({ mode: undefined })}>
              {(done) => (
                <FilterOptions
                  value={search.mode}
                  options={modes.map((mode) => ({ value: mode, label: t(`modes.${mode}`) }))}
                  onPick={(mode) => {
                    set({ mode });
                    done();
                  }}
                />
              )}
            </FilterChip>
            <FilterChip label={t('key')} value={search.key} shown={search.key && t(`keys.${search.key}`)} onClear={() => set({ key: undefined })}>
              {(done) => (
                <FilterOptions
                  value={search.key}
                  options={keyStates.map((key) => ({ value: key, label: t(`keys.${key}`) }))}
                  onPick={(key) => {
                    set({ key });
                    done();
                  }}
                />
              )}
            </FilterChip>
            <Segmented
              label={t('view')}
              className="ico end hide-m"
              value={search.view === 'cards' ? 'cards' : 'rows'}
              onChange={(view) => set({ view: view === 'cards' ? 'cards' : undefined })}
              options={[
                { value: 'rows', label: <Icon of={Rows3} size="s" />, title: t('rows') },
                { value: 'cards', label: <Icon of={LayoutGrid} size="s" />, title: t('cards') },
              ]}
            />
          </div>
          {!workflows && !error && (
            <div className="card">
              <SkeletonRows rows={8} />
            </div>
          )}
          {workflows && rows.length === 0 && filtered && (
            <div className="card">
              <Empty
                icon={SearchX}
                title={t('noMatch')}
                actions={<Button onClick={() => set({ q: undefined, mode: undefined, key: undefined })}>{t('common:filter.clear')}</Button>}
              />
            </div>
          )}
          {rows.length > 0 && (search.view === 'cards' ? <WorkflowCards rows={rows} week={week} pays={pays} /> : <WorkflowTable rows={rows} week={week} pays={pays} />)}
          {all.length > most && (
            <div className="mt-3 text-center">
              <Button onClick={() => setMost(most + step)}>{t('moreRows', { count: all.length - most })}</Button>
            </div>
          )}
          <p className="t3 sm hide-m mt-3">
            <Icon of={FileDown} size="s" /> {t('drop')}
          </p>
        </>
      )}
      {over && (
        <div className="dropover" aria-hidden="true">
          <span>{t('dropNow')}</span>
        </div>
      )}
      <Suspense fallback={null}>
        {(search.import === 'file' || search.import === 'paste') && <ImportDialog files={files} paste={search.import === 'paste'} workflows={workflows ?? []} onClose={close} />}
        {search.import === 'new' && <NewDialog onClose={close} />}
      </Suspense>
    </Page>
  );
}
