import { listRuns } from '@latchkey/client';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ListTree } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { Button } from '@/components/Button';
import { Empty } from '@/components/Empty';
import { PaidBy, useLastFours } from '@/components/PaidBy';
import { ProblemNote } from '@/components/Problem';
import { SkeletonRows } from '@/components/Skeleton';
import { RunState } from '@/components/State';
import { Tag } from '@/components/Tag';
import { Time } from '@/components/Time';
import { duration, moneys, number } from '@/util/format';
import { useEditor } from '../state/context';

/** The runs of this workflow; all filters are on the page of all runs. */
export function RunsView() {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const fours = useLastFours();
  const runs = useInfiniteQuery({
    queryKey: ['runs', 'of-workflow', editor.workflow],
    queryFn: ({ pageParam }) => ok(listRuns({ query: { workflow_id: editor.workflow, limit: 50, ...(pageParam === '' ? {} : { cursor: pageParam }) } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  if (runs.isPending) return <SkeletonRows />;
  if (runs.error !== null) return <ProblemNote error={runs.error} retry={() => void runs.refetch()} />;
  const rows = runs.data.pages.flatMap((page) => page.data);
  if (rows.length === 0) return <Empty icon={ListTree} title={t('runs.none')}>{t('runs.noneText')}</Empty>;
  return (
    <>
      <div className="card scrollx" tabIndex={0} role="region" aria-label={t('top.runs')}>
        <table className="tbl">
          <thead>
            <tr>
              <th>{t('runs.when')}</th>
              <th>{t('runs.state')}</th>
              <th>{t('runs.version')}</th>
              <th>{t('runs.keys')}</th>
              <th>{t('runs.user')}</th>
              <th className="r">{t('runs.tokens')}</th>
              <th className="r">{t('runs.cost')}</th>
              <th className="r">{t('runs.time')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((run) => (
              <tr key={run.id}>
                <td>
                  <Link to="/runs/$id" params={{ id: run.id }} className="link">
                    <Time at={run.created_at} />
                  </Link>
                </td>
                <td>
                  <RunState status={run.status} />
                </td>
                <td>
                  <Tag>{typeof run.version === 'number' ? `v${run.version}` : t('top.draft')}</Tag> <span className="t3 sm">{run.environment}</span>
                </td>
                <td>
                  <PaidBy keys={run.credentials} fours={fours} />
                </td>
                <td className="mono sm">{run.end_user ?? '—'}</td>
                <td className="r">{number(run.usage.input_tokens + run.usage.output_tokens)}</td>
                <td className="r">{moneys(run.usage.cost)}</td>
                <td className="r">{duration(run.elapsed_ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {runs.hasNextPage && (
        <Button className="mt-3" busy={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
          {t('runs.more')}
        </Button>
      )}
    </>
  );
}
