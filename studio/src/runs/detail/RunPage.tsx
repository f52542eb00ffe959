import { type FormView, listForms, type RunView } from '@latchkey/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { CircleStop, RotateCcw, Workflow } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { stopRun } from '@latchkey/client';
import { ok, request } from '@/api/http';
import { isStatus } from '@/api/problem';
import { all, keysQuery, workflowQuery } from '@/api/queries';
import { useMay } from '@/api/session';
import { Button, buttonClass } from '@/components/Button';
import { CopyButton } from '@/components/Copy';
import { JsonTree } from '@/components/JsonTree';
import { Link } from '@tanstack/react-router';
import { Menu } from '@/components/Menu';
import { Note } from '@/components/Note';
import { Page } from '@/components/Page';
import { ProblemNote } from '@/components/Problem';
import { ProviderMark } from '@/components/ProviderMark';
import { SkeletonRows } from '@/components/Skeleton';
import { RunState } from '@/components/State';
import { TabPanel, Tabs } from '@/components/Tabs';
import { Tag } from '@/components/Tag';
import { toast } from '@/components/Toast';
import { findNode, titleOf } from '@/editor/document/draft';
import { branchesOf } from '@/editor/document/kinds';
import { kindOf } from '@/editor/document/draft';
import type { Draft } from '@/editor/document/draft';
import type { Execution } from '@/editor/document/run/events';
import { leftBy, pathsOf } from '@/editor/document/run/paths';
import { emptyRun, type ExecutionState, phaseOf, type RunState as Run, statusOf } from '@/editor/document/run/state';
import { addUp, waterfallOf } from '@/editor/document/run/waterfall';
import { clock, dateTime, duration, fullTime, middle, moneys, number } from '@/util/format';
import { useSeconds } from '@/util/now';
import './run.css';
import { isEnded, oneRun, useExecutions, useFollowed, useLedger, useRanDocument } from './data';
import { Happened } from './Happened';
import { Inspector, type Side } from './Inspector';
import { Events, Ledger, useEvents } from './Tables';
import { Trace } from './Trace';

type Tab = 'happened' | 'trace' | 'io' | 'ledger' | 'events';
const SIDES: readonly Side[] = ['overview', 'input', 'output', 'attempts', 'raw'];

function Figure({ label, children, below }: { label: string; children: React.ReactNode; below?: React.ReactNode }) {
  return (
    <div className="fig">
      <div className="l">{label}</div>
      <div className="f">{children}</div>
      {below !== undefined && <div className="d">{below}</div>}
    </div>
  );
}

/** What the run did not reach, and by which branches; told by the document that ran. */
function skippedOf(draft: Draft | undefined, executions: readonly Execution[], status: string): { titles: string[]; branches: string[] } {
  if (draft === undefined) return { titles: [], branches: [] };
  const states: Record<string, ExecutionState> = {};
  const nodes: Record<string, Run['nodes'][string]> = {};
  for (const execution of executions) {
    const phase = phaseOf(execution.status, execution.outputs);
    states[execution.id] = {
      id: execution.id, node: execution.node_id, kind: execution.type, title: execution.title, index: execution.index, path: execution.iteration_path, phase,
      startedAt: 0, tries: 1, tokens: { in: 0, out: 0 }, pieces: 0, ...(execution.outputs == null ? {} : { outputs: execution.outputs }),
    };
    nodes[execution.node_id] = { phase, executions: [execution.id] };
  }
  const { skipped } = pathsOf(draft, { ...emptyRun, status: statusOf(status), executions: states, nodes });
  const titles = draft.nodes.filter((node) => skipped.has(node.id)).map(titleOf);
  const branches = Object.values(states).flatMap((state) => {
    const node = findNode(draft, state.node);
    if (node === undefined) return [];
    const left = leftBy(kindOf(node), node.data, state);
    const branch = branchesOf(kindOf(node), node.data).find((each) => each.handle === left);
    const cut = draft.edges.some((edge) => edge.source === node.id && skipped.has(edge.target));
    return branch === undefined || !cut ? [] : [branch.text || branch.label.toUpperCase()];
  });
  return { titles, branches: [...new Set(branches)] };
}

function useRetry(run: RunView) {
  const { t } = useTranslation('run');
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (from: string) => request<RunView>('POST', `/api/v1/runs/${run.id}/retry`, { from, version: 'same' }),
    onSuccess: (next) => {
      toast(t('retry.started'));
      void navigate({ to: '/runs/$id', params: { id: next.id } });
    },
  });
}

function Head({ run, name, calls, end }: { run: RunView; name: string; calls: readonly { credential_name?: string | null; provider: string; attempt: number; outcome: string }[]; end: number }) {
  const { t } = useTranslation('run');
  const keys = useQuery({ ...keysQuery, retry: false });
  const started = Date.parse(run.started_at ?? run.created_at);
  const paying = [...new Map(calls.filter((call) => call.credential_name != null).map((call) => [`${call.provider}/${call.credential_name}`, call])).values()];
  const moved = calls.filter((call) => call.outcome !== 'succeeded' && call.outcome !== 'open').length;
  const trigger = run.trigger ?? '';
  const key = keys.data?.find((each) => trigger.includes(each.id));
  const failed = run.status === 'failed';
  return (
    <>
      <div className="row g6 sm t2 wrap runfacts">
        <span title={fullTime(run.created_at)}>{`${dateTime(run.created_at)}:${clock(run.created_at).slice(-2)}`}</span>
        <span aria-hidden="true">·</span>
        <span>{run.environment}</span>
        {key !== undefined && (
          <>
            <span aria-hidden="true">·</span>
            <span>
              {t('head.byKey')} <b>{key.name}</b>
            </span>
          </>
        )}
        {run.end_user != null && (
          <>
            <span aria-hidden="true">·</span>
            <span>
              {t('head.endUser')} <code>{run.end_user}</code>
            </span>
          </>
        )}
        {run.retried_from != null && (
          <>
            <span aria-hidden="true">·</span>
            <Link to="/runs/$id" params={{ id: run.retried_from }} className="link">
              {t('head.retryOf')}
            </Link>
          </>
        )}
        {run.parent_run_id != null && (
          <>
            <span aria-hidden="true">·</span>
            <Link to="/runs/$id" params={{ id: run.parent_run_id }} className="link">
              {t('head.inside')}
            </Link>
          </>
        )}
        <span aria-hidden="true">·</span>
        <code className="t3">{middle(run.id, 20)}</code>
        <CopyButton text={run.id} label={t('head.copy')} />
      </div>
      <div className="figs mt-3">
        <Figure label={failed ? t('head.failedAfter') : t('head.duration')}>{duration(run.elapsed_ms ?? Math.max(0, end - started))}</Figure>
        <Figure label={t('head.cost')} below={run.usage.unpriced_calls > 0 ? t('head.unpriced', { count: run.usage.unpriced_calls }) : undefined}>
          {run.usage.cost.length === 0 ? (calls.length === 0 ? '—' : moneys(run.usage.cost)) : moneys(run.usage.cost)}
        </Figure>
        <Figure label={t('head.tokens')} below={t('head.inOut', { in: number(run.usage.input_tokens), out: number(run.usage.output_tokens) })}>
          {number(run.usage.input_tokens + run.usage.output_tokens)}
        </Figure>
        <Figure label={t('head.calls')} below={moved > 0 ? t('head.moved', { count: moved }) : undefined}>
          {number(calls.length)}
        </Figure>
        <Figure
          label={t('head.keys')}
          below={
            paying.length > 0 ? (
              <span className="row g6 wrap">
                {[...new Set(paying.map((call) => call.provider))].map((provider) => (
                  <ProviderMark key={provider} provider={provider} />
                ))}
                {[...new Set(paying.map((call) => call.credential_name))].slice(0, 3).join(', ')}
              </span>
            ) : undefined
          }
        >
          {number(paying.length)}
        </Figure>
      </div>
      <span className="vh">{name}</span>
    </>
  );
}

/** A run that waits for a person leads him to its form. */
function Waiting({ run }: { run: RunView }) {
  const { t } = useTranslation('run');
  const { data } = useQuery({ queryKey: ['runs', 'forms', run.id], queryFn: () => all<FormView>((cursor) => ok(listForms({ path: { id: run.id }, query: { limit: 100, cursor } }))), refetchInterval: 5000 });
  const open = (data ?? []).filter((form) => form.state === 'open');
  return (
    <Note
      tone="warn"
      className="mt-3"
      title={t('head.paused')}
      action={open.map((form) => (
        <Link key={form.id} to="/runs/$id/forms/$form" params={{ id: run.id, form: form.id }} className={buttonClass({ size: 'sm' })}>
          {open.length > 1 ? form.title : t('head.answer')}
        </Link>
      ))}
    >
      {t('head.pausedText')}
    </Note>
  );
}

function Loaded({ run }: { run: RunView }) {
  const { t } = useTranslation('run');
  const search = useSearch({ from: '/inside/runs/$id' });
  const navigate = useNavigate({ from: '/runs/$id' });
  const ended = isEnded(run);
  const followed = useFollowed(run.id, !ended && run.status !== 'paused');
  const { executions, error, pending, refetch } = useExecutions(run, followed);
  const { calls } = useLedger(run);
  const { data: workflow } = useQuery({ ...workflowQuery(run.workflow_id), retry: false });
  const draft = useRanDocument(run);
  const may = useMay('runs:write');
  const retry = useRetry(run);
  const now = useSeconds();
  const events = useEvents(run.id, ended);
  const end = ended || run.status === 'paused' ? undefined : now;
  const trace = useMemo(() => waterfallOf(executions, calls, run.started_at ?? run.created_at, end), [executions, calls, run.started_at, run.created_at, end]);
  const skipped = useMemo(() => skippedOf(draft, executions, run.status), [draft, executions, run.status]);
  const failed = trace.rows.find((row) => row.node === run.error?.node_id && row.status === 'failed') ?? trace.rows.find((row) => row.status === 'failed');
  const preferred = failed ?? trace.rows.findLast((row) => row.resolution !== undefined) ?? trace.rows[0];
  const selected = trace.rows.find((row) => row.id === search.node || row.node === search.node) ?? preferred;
  const tabs: { value: Tab; label: string; count?: number }[] = [
    ...(run.status === 'failed' ? [{ value: 'happened' as const, label: t('tab.happened') }] : []),
    { value: 'trace', label: t('tab.trace') },
    { value: 'io', label: t('tab.io') },
    { value: 'ledger', label: t('tab.ledger'), ...(calls.length > 0 ? { count: calls.length } : {}) },
    { value: 'events', label: t('tab.events'), ...(events.data === undefined && followed.log.length === 0 ? {} : { count: events.data?.length ?? followed.log.length }) },
  ];
  const tab = tabs.find((each) => each.value === search.tab)?.value ?? tabs[0]?.value ?? 'trace';
  const side = SIDES.find((each) => each === search.panel) ?? 'overview';
  const put = (change: Record<string, string | undefined>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true, resetScroll: false });
  const name = workflow?.name ?? t('head.gone');
  const client = useQueryClient();
  const stop = useMutation({ mutationFn: () => ok(stopRun({ path: { id: run.id } })), onSuccess: () => client.invalidateQueries({ queryKey: ['runs', 'one', run.id] }) });
  const titles = new Map(executions.map((execution) => [execution.node_id, execution.title]));
  const version = typeof run.version === 'number' ? `v${run.version}` : t('head.draft');
  const shownEvents = events.data ?? followed.log;
  const retryItems = [
    ...(failed === undefined ? [] : [{ label: t('retry.failed', { node: failed.title }), icon: RotateCcw, onSelect: () => retry.mutate('failed') }]),
    ...trace.rows.filter((row) => row.depth === 0 && row.id !== failed?.id).slice(0, 20).map((row) => ({ label: row.title, icon: RotateCcw, onSelect: () => retry.mutate(row.node) })),
  ];
  return (
    <Page bare title={name} name={name} crumbs={[{ label: t('head.runs'), to: '/runs' }, { label: `${name}, ${clock(run.created_at).slice(0, 5)}` }]}>
      <header className="rh">
        <div className="row wrap">
          <h1 dir="auto" className="ell">
            {name}
          </h1>
          <Tag>{version}</Tag>
          <span role="status">
            <RunState status={stop.isPending ? 'stopping' : run.status} pill />
          </span>
          <span className="end row acts">
            {!ended && (
              <Button kind="danger" icon={CircleStop} busy={stop.isPending} forbidden={!may && t('retry.forbidden')} onClick={() => stop.mutate()}>
                {t('head.stop')}
              </Button>
            )}
            {workflow !== undefined && (
              <Link to="/workflows/$id" params={{ id: run.workflow_id }} search={selected === undefined ? {} : { node: selected.node }} className={buttonClass({})}>
                <Workflow size={14} /> {t('head.openEditor')}
              </Link>
            )}
            {ended && run.status === 'failed' && failed !== undefined && (
              <Button kind="primary" icon={RotateCcw} busy={retry.isPending} forbidden={!may && t('retry.forbidden')} onClick={() => retry.mutate('failed')}>
                {t('retry.from', { node: failed.title })}
              </Button>
            )}
            {ended && retryItems.length > 0 && (
              <Menu label={t('retry.menu')} items={retryItems} trigger={run.status === 'failed' ? undefined : <Button icon={RotateCcw} busy={retry.isPending}>{t('retry.menu')}</Button>} />
            )}
          </span>
        </div>
        <Head run={run} name={name} calls={calls} end={now} />
        {retry.error !== null && (isStatus(retry.error, 404) || isStatus(retry.error, 405) ? <Note tone="warn" role="alert" className="mt-3" title={t('retry.unknown')} /> : <ProblemNote error={retry.error} title={t('retry.refused')} className="mt-3" />)}
        {run.status === 'paused' && <Waiting run={run} />}
        {followed.lost && <Note tone="warn" className="mt-3" title={t('head.lost')} />}
      </header>
      <Tabs<Tab> label={t('tab.label')} value={tab} onChange={(next) => put({ tab: next })} tabs={tabs} className="runtabs">
        {error !== null && <ProblemNote error={error} title={t('trace.failed')} retry={() => void refetch()} className="m-6" />}
        <TabPanel value="happened" className="runpad">
          <Happened run={run} row={failed} />
        </TabPanel>
        <TabPanel value="trace" className="tr-grid">
          {pending ? <SkeletonRows /> : (
            <Trace trace={trace} selected={selected?.id} onSelect={(id) => put({ node: id })} onOpen={() => document.getElementById('inspector')?.focus()} going={!ended} skipped={ended ? skipped : { titles: [], branches: [] }} calls={calls} />
          )}
          {selected !== undefined && (
            <Inspector
              row={selected}
              calls={calls.filter((call) => call.node_execution_id === selected.id)}
              total={addUp(run.usage.cost)}
              side={side}
              onSide={(next) => put({ panel: next === 'overview' ? undefined : next })}
              retry={ended ? { from: (node) => retry.mutate(node), may, busy: retry.isPending } : undefined}
            />
          )}
        </TabPanel>
        <TabPanel value="io" className="runpad">
          <div className="grid gap-5 lg:grid-cols-2">
            <section className="card">
              <div className="hd">
                <h2 className="grow">{t('io.input')}</h2>
                <CopyButton text={JSON.stringify(run.inputs, null, 2)} />
              </div>
              <div className="bd">
                <JsonTree value={run.inputs} label={t('io.input')} />
              </div>
            </section>
            <section className="card">
              <div className="hd">
                <h2 className="grow">{t('io.output')}</h2>
                <CopyButton text={JSON.stringify(run.outputs ?? {}, null, 2)} />
              </div>
              <div className="bd">
                <JsonTree value={run.outputs ?? followed.run?.outputs ?? {}} label={t('io.output')} />
                {!ended && followed.run?.text !== undefined && followed.run.text !== '' && <div className="stream mt-3" dir="auto">{followed.run.text}</div>}
              </div>
            </section>
          </div>
        </TabPanel>
        <TabPanel value="ledger" className="runpad">
          <Ledger calls={calls} titles={titles} />
        </TabPanel>
        <TabPanel value="events" className="runpad">
          <Events events={shownEvents} error={events.error} pending={ended && events.isPending} retry={() => void events.refetch()} />
        </TabPanel>
      </Tabs>
    </Page>
  );
}

/** One run: what it did, what it cost, and which key paid for each call and why. */
export function RunPage() {
  const { t } = useTranslation('run');
  const { id } = useParams({ from: '/inside/runs/$id' });
  const { data, error, refetch } = useQuery({
    ...oneRun(id),
    retry: false,
    refetchInterval: (query) => (query.state.data !== undefined && !isEnded(query.state.data) ? 3000 : false),
    throwOnError: (failed) => isStatus(failed, 404),
  });
  if (error !== null && data === undefined) {
    return (
      <Page title={t('head.run')} crumbs={[{ label: t('head.runs'), to: '/runs' }, { label: id }]}>
        <ProblemNote error={error} title={t('head.failedToLoad')} retry={() => void refetch()} />
      </Page>
    );
  }
  if (data === undefined) {
    return (
      <Page title={t('head.run')} crumbs={[{ label: t('head.runs'), to: '/runs' }, { label: '…' }]}>
        <SkeletonRows />
      </Page>
    );
  }
  return <Loaded key={id} run={data} />;
}
