import { listNodeExecutions, listRuns } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { JsonTree } from '@/components/JsonTree';
import { ProblemNote } from '@/components/Problem';
import { Time } from '@/components/Time';
import { WhyThisKey } from '@/components/WhyThisKey';
import { duration, number } from '@/util/format';
import type { Execution } from '../document/run/events';
import { useEditor, useLatest } from '../state/context';
import { Section } from './parts';

/** What went in and came out of a node the last time: in the run that is shown, else in the latest one that reached it. */
export function LastRun({ id, title }: { id: string; title: string }) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const live = useLatest(id);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['runs', 'of-node', editor.workflow, id],
    enabled: live?.finished === undefined,
    queryFn: async () => {
      const runs = await ok(listRuns({ query: { workflow_id: editor.workflow, limit: 5 } }));
      for (const run of runs.data) {
        const found = (await ok(listNodeExecutions({ path: { id: run.id } }))).filter((execution) => execution.node_id === id);
        const last = found.at(-1);
        if (last !== undefined) return { run, execution: last };
      }
      return null;
    },
    staleTime: 15_000,
  });
  const shown = live?.finished ?? (data?.execution as Execution | undefined);
  if (shown === undefined) {
    if (error !== null) return <ProblemNote error={error} retry={() => void refetch()} className="py-4" />;
    return <p className="t2 py-4">{isPending ? t('loading') : t('last.none')}</p>;
  }
  return (
    <>
      <div className="row py-3 t2 sm">
        {data != null && live?.finished === undefined && (
          <>
            <Time at={data.run.created_at} />
            <Link to="/runs/$id" params={{ id: data.run.id }} search={{ node: shown.id }} className="link end">
              {t('last.open')}
            </Link>
          </>
        )}
      </div>
      <dl className="kv">
        <dt>{t('last.time')}</dt>
        <dd>{duration(shown.elapsed_ms)}</dd>
        {shown.input_tokens + shown.output_tokens > 0 && (
          <>
            <dt>{t('last.tokens')}</dt>
            <dd>{t('last.inOut', { in: number(shown.input_tokens), out: number(shown.output_tokens) })}</dd>
          </>
        )}
      </dl>
      {(shown.resolution != null || shown.error?.credential != null) && (
        <div className="mt-3">
          <WhyThisKey resolution={shown.resolution} failure={shown.error?.credential} title={title} />
        </div>
      )}
      {shown.error != null && <pre className="code mt-3 text-err">{shown.error.message}</pre>}
      <Section title={t('last.input')}>
        <JsonTree value={shown.inputs ?? {}} label={t('last.input')} />
      </Section>
      <Section title={t('last.output')}>
        <JsonTree value={shown.outputs ?? {}} label={t('last.output')} />
      </Section>
    </>
  );
}
