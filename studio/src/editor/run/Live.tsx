import type { ModelCallView } from '@latchkey/client';
import { listModelCallsOfRun } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { KeyRound, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { all, credentialsQuery } from '@/api/queries';
import { CopyButton } from '@/components/Copy';
import { CredentialName, last4 } from '@/components/CredentialName';
import { Icon } from '@/components/Icon';
import { JsonTree } from '@/components/JsonTree';
import { LevelBadge } from '@/components/LevelBadge';
import { Note } from '@/components/Note';
import { State } from '@/components/State';
import { Tag } from '@/components/Tag';
import { Link } from '@tanstack/react-router';
import { cx } from '@/util/cx';
import { duration, moneys, number } from '@/util/format';
import { useSeconds } from '@/util/now';
import { Tile } from '../canvas/Tile';
import { findNode, titleOf } from '../document/draft';
import { type ExecutionState, inOrder, isOver, type NodePhase, payers, type RunState } from '../document/run/state';
import { addUp } from '../document/run/waterfall';
import { useDraft, useEditor, useRunner } from '../state/context';
import { useStore } from '../state/store';

const STATE: Record<NodePhase, Parameters<typeof State>[0]['name']> = {
  running: 'running', streaming: 'streaming', retrying: 'retrying', paused: 'paused', succeeded: 'succeeded', defaulted: 'exception', branched: 'exception',
  failed: 'failed', stopped: 'stopped', reused: 'reused',
};

/** The ledger of the run so far: asked again while it goes on, since prices are frozen when a call is closed. */
export function useCalls(id: string | undefined, over: boolean) {
  return useQuery({
    queryKey: ['runs', id, 'calls', over],
    enabled: id !== undefined,
    queryFn: () => all<ModelCallView>((cursor) => ok(listModelCallsOfRun({ path: { id: id ?? '' }, query: { limit: 200, cursor } }))),
    refetchInterval: over ? false : 2000,
    placeholderData: (before) => before,
    retry: false,
  });
}

function NodeRow({ execution }: { execution: ExecutionState }) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const now = useSeconds();
  const live = ['running', 'streaming', 'retrying'].includes(execution.phase);
  return (
    <li>
      <button type="button" className={cx('liverow', execution.path.length > 0 && 'pl-6')} onClick={() => editor.select([execution.node])}>
        <Tile kind={execution.kind} small />
        <span className="b ell" dir="auto">
          {execution.title || execution.node}
        </span>
        {execution.resolution?.credential_name != null && (
          <span className="livekey ell">
            <Icon of={KeyRound} size="xs" />
            {execution.resolution.credential_name}
          </span>
        )}
        <span className="end row g6">
          {execution.tries > 1 && <Tag>{t('run.tryTag', { number: execution.tries })}</Tag>}
          {execution.phase === 'succeeded' ? <span className="st ok" title={t('run.phase.succeeded')}><State name="succeeded" /></span> : <State name={STATE[execution.phase]} values={{ attempt: execution.tries }} />}
          <span className="t2 num w-14 text-right">{live ? duration(Math.max(0, now - execution.startedAt)) : duration(execution.elapsedMs)}</span>
        </span>
      </button>
    </li>
  );
}

function Figure({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="fig">
      <div className="l">{label}</div>
      <div className="f small">{children}</div>
    </div>
  );
}

/** Rounds of a container would fill the list: each of its nodes is one row, the latest. */
function folded(run: RunState): ExecutionState[] {
  const rows: ExecutionState[] = [];
  for (const execution of inOrder(run)) {
    const at = execution.path.length === 0 ? -1 : rows.findIndex((row) => row.node === execution.node);
    if (at < 0) rows.push(execution);
    else rows[at] = execution;
  }
  // What is inside of a container stands right under it.
  const inside = (execution: ExecutionState) => execution.path.at(-1)?.node_id;
  const ordered: ExecutionState[] = [];
  const add = (execution: ExecutionState) => {
    ordered.push(execution);
    for (const row of rows) if (inside(row) === execution.node) add(row);
  };
  for (const row of rows) if (inside(row) === undefined) add(row);
  return ordered;
}

/** A run while it goes on: its answer as it streams, who pays, and each node. */
export function Live({ run }: { run: RunState }) {
  const { t } = useTranslation('editor');
  const draft = useDraft();
  const runner = useRunner();
  const id = useStore(runner.store, (state) => state.id);
  const lost = useStore(runner.store, (state) => state.lost);
  const skipped = useStore(runner.store, (state) => state.paths?.skipped.size ?? 0);
  const over = isOver(run);
  const { data: calls } = useCalls(id, over);
  const { data: credentials } = useQuery(credentialsQuery);
  const rows = folded(run);
  const tokens = Object.values(run.executions).reduce((sum, execution) => ({ in: sum.in + execution.tokens.in, out: sum.out + execution.tokens.out }), { in: 0, out: 0 });
  const usage = run.usage === undefined ? tokens : { in: run.usage.input_tokens, out: run.usage.output_tokens };
  const cost = run.usage?.cost ?? addUp((calls ?? []).map((call) => call.cost));
  const speaker = run.speaker === undefined ? undefined : findNode(draft, run.speaker);
  const done = Object.values(run.nodes).filter((node) => ['succeeded', 'defaulted', 'branched', 'reused'].includes(node.phase)).length;
  const running = Object.values(run.nodes).filter((node) => ['running', 'streaming', 'retrying', 'paused'].includes(node.phase)).length;
  const sayings = run.text.split(/(?<=[.!?。！？\n])\s*/);
  const complete = over ? run.text : sayings.slice(0, -1).join(' ');
  return (
    <>
      {lost && <Note tone="warn" title={t('run.lost')} />}
      <div className="figs tight">
        <Figure label={over ? t('run.cost') : t('run.costSoFar')}>{cost.length === 0 ? '—' : moneys(cost)}</Figure>
        <Figure label={t('run.tokensInOut')}>
          {number(usage.in)} <span className="t3">/</span> {number(usage.out)}
        </Figure>
        {run.firstTextMs !== undefined && <Figure label={t('run.firstToken')}>{duration(run.firstTextMs)}</Figure>}
      </div>
      {run.error !== undefined && (
        <Note tone="err" role="alert" title={run.error.node_id == null ? t('run.failed') : t('run.failedAt', { node: titleOf(findNode(draft, run.error.node_id) ?? { id: run.error.node_id, data: {}, position: { x: 0, y: 0 } }) })}>
          {run.error.message} <code>{run.error.code}</code>
        </Note>
      )}
      {run.forms.length > 0 && id !== undefined && (
        <Note tone="warn" icon={TriangleAlert} title={t('run.waits')}>
          {run.forms.map((form) => (
            <Link key={form.id} to="/runs/$id/forms/$form" params={{ id, form: form.id }} className="link">
              {t('run.answer')}
            </Link>
          ))}
        </Note>
      )}
      {(run.text !== '' || run.reasoning !== '') && (
        <section className="sec" aria-label={t('run.answerTitle')}>
          <div className="h">
            <h3>{t('run.answerTitle')}</h3>
            {speaker !== undefined && <span className="t3 font-normal">{t('run.from', { node: titleOf(speaker) })}</span>}
            <span className="end">
              <CopyButton text={run.text} />
            </span>
          </div>
          {run.reasoning !== '' && (
            <details className="t2 sm mb-2">
              <summary>{t('run.reasoning')}</summary>
              <p className="whitespace-pre-wrap">{run.reasoning}</p>
            </details>
          )}
          <div className="stream" dir="auto" aria-hidden="true">
            {run.text}
            {run.speaker !== undefined && <span className="caret" />}
          </div>
          <p className="vh" aria-live="polite">
            {complete}
          </p>
        </section>
      )}
      {run.calls.length > 0 && (
        <section className="sec">
          <div className="h">
            <h3>{t('run.whoPaid')}</h3>
          </div>
          <ul className="col">
            {payers(run).map(({ key, resolution, calls: count }) => {
              const credential = credentials?.find((each) => each.id === resolution.credential_id);
              const own = (calls ?? []).filter((call) => call.credential_name === resolution.credential_name && call.provider === resolution.provider);
              return (
                <li className="row wrap" key={key}>
                  <CredentialName as="chip" provider={resolution.provider} name={resolution.credential_name ?? t('run.ownKey')} last4={credential === undefined ? undefined : last4(credential)} />
                  <LevelBadge level={resolution.level} />
                  <span className="end t2 num nw">
                    {t('run.calls', { count })} · {moneys(addUp(own.map((call) => call.cost)))}
                  </span>
                </li>
              );
            })}
          </ul>
        </section>
      )}
      <section className="sec">
        <div className="h">
          <h3>{t('run.nodes')}</h3>
          <span className="t3 font-normal">{t(skipped > 0 ? 'run.countsSkipped' : 'run.counts', { done, running, skipped })}</span>
        </div>
        <ul>
          {rows.map((execution) => (
            <NodeRow key={execution.id} execution={execution} />
          ))}
        </ul>
      </section>
      {over && run.outputs !== undefined && Object.keys(run.outputs).length > 0 && (
        <section className="sec">
          <div className="h">
            <h3>{t('run.outputs')}</h3>
          </div>
          <JsonTree value={run.outputs} label={t('run.outputs')} />
        </section>
      )}
    </>
  );
}
