import type { RunView, WorkflowView } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { workflowsQuery } from '@/api/queries';
import { Button } from '@/components/Button';
import { PaidBy, useLastFours } from '@/components/PaidBy';
import { RunState } from '@/components/State';
import { Tag } from '@/components/Tag';
import { Time } from '@/components/Time';
import { duration, moneys, number } from '@/util/format';
import { useNarrow } from '@/util/media';
import type { Runs } from './use-runs';

type RowProps = { run: RunView; workflow: WorkflowView | undefined; fours: ReadonlyMap<string, string> };

function Row({ run, workflow, fours }: RowProps) {
  const { t } = useTranslation('runs');
  const tokens = run.usage.input_tokens + run.usage.output_tokens;
  return (
    <Link to="/runs/$id" params={{ id: run.id }} className="rrow" role="row" aria-label={t('rowLabel', { name: workflow?.name ?? run.workflow_id })}>
      <span role="cell" className="c-state" title={run.error?.code}>
        <RunState status={run.status} />
      </span>
      <span role="cell" className="c-name row g6">
        <span className="b ell" dir="auto">
          {workflow?.name ?? t('deletedWorkflow')}
        </span>
        <Tag>{typeof run.version === 'number' ? `v${run.version}` : run.version}</Tag>
      </span>
      <span role="cell" className="c-keys">
        <PaidBy keys={run.credentials} fours={fours} />
      </span>
      <span role="cell" className="c-env t2 sm ell">
        {run.environment}
      </span>
      <span role="cell" className="c-user t2 sm ell mono" title={run.end_user ?? undefined}>
        {run.end_user ?? <span className="t3">—</span>}
      </span>
      <span role="cell" className="c-tokens num">
        {number(tokens)}
      </span>
      <span role="cell" className="c-cost num">
        {moneys(run.usage.cost)}
      </span>
      <span role="cell" className="c-time num t2">
        {duration(run.elapsed_ms)}
      </span>
      <span role="cell" className="c-when t2 sm">
        <Time at={run.created_at} />
      </span>
    </Link>
  );
}

/** Rows as they are seen: ten thousand of them scroll like fifty. */
export function RunTable({ runs }: { runs: Runs }) {
  const { t } = useTranslation(['runs', 'common']);
  const { data: workflows } = useQuery(workflowsQuery);
  const narrow = useNarrow();
  const body = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    if (body.current) setTop(body.current.getBoundingClientRect().top + window.scrollY);
  }, [narrow]);
  const height = narrow ? 74 : 42;
  const virtual = useWindowVirtualizer({ count: runs.rows.length, estimateSize: () => height, overscan: 12, scrollMargin: top });
  const fours = useLastFours();
  const names = new Map((workflows ?? []).map((workflow) => [workflow.id, workflow]));
  return (
    <>
      <div className="card rtable" role="table" aria-label={t('title')} aria-rowcount={runs.hasNextPage ? -1 : runs.rows.length + 1}>
        <div role="rowgroup">
          <div className="rrow rhead" role="row">
            {(['state', 'name', 'keys', 'env', 'user', 'tokens', 'cost', 'time', 'when'] as const).map((column) => (
              <span key={column} role="columnheader" className={`c-${column}`}>
                {t(`col.${column}`)}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" ref={body} className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const run = runs.rows[item.index];
            return (
              run && (
                <div key={run.id} role="presentation" className="absolute inset-x-0 top-0" style={{ height, transform: `translateY(${item.start - top}px)` }}>
                  <Row run={run} workflow={names.get(run.workflow_id)} fours={fours} />
                </div>
              )
            );
          })}
        </div>
      </div>
      {runs.hasNextPage && (
        <div className="mt-3 text-center">
          <Button busy={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
            {t('common:more')}
          </Button>
        </div>
      )}
      {!runs.hasNextPage && runs.rows.length > 50 && <p className="t3 sm mt-3">{t('all', { count: runs.rows.length, shown: number(runs.rows.length) })}</p>}
    </>
  );
}
