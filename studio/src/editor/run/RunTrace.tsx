import type { ModelCallView } from '@latchkey/client';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { duration } from '@/util/format';
import { useSeconds } from '@/util/now';
import { Tile } from '../canvas/Tile';
import type { Execution } from '../document/run/events';
import { inOrder, isOver, type RunState } from '../document/run/state';
import { waterfallOf } from '../document/run/waterfall';
import { useEditor } from '../state/context';
import { useCalls } from './Live';

/** What is known of executions that have not ended. */
export function executionsOf(run: RunState): Execution[] {
  return inOrder(run).map((execution) =>
    execution.finished ?? {
      id: execution.id, node_id: execution.node, type: execution.kind, title: execution.title, index: execution.index, iteration_path: [...execution.path],
      status: 'running', attempts: execution.tries, started_at: new Date(execution.startedAt).toISOString(), input_tokens: 0, output_tokens: 0,
      ...(execution.resolution === undefined ? {} : { resolution: execution.resolution }),
    },
  );
}

const NO_CALLS: ModelCallView[] = [];

/** The trace, as small as the drawer is. */
export function RunTrace({ run, id }: { run: RunState; id: string }) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const over = isOver(run);
  const { data: calls = NO_CALLS } = useCalls(id, over);
  const now = useSeconds();
  const end = over ? undefined : now;
  const trace = useMemo(() => waterfallOf(executionsOf(run), calls, new Date(run.startedAt ?? 0).toISOString(), end), [run, calls, end]);
  const part = (ms: number) => `${trace.length === 0 ? 0 : (100 * ms) / trace.length}%`;
  return (
    <ol className="py-2" aria-label={t('run.tab.trace')}>
      {trace.rows.map((row) => (
        <li key={row.id}>
          <button type="button" className="minitrace" onClick={() => editor.select([row.node])}>
            <span className="row g6 min-w-0" style={{ paddingLeft: row.depth * 14 }}>
              <Tile kind={row.kind} small />
              <span className="ell">
                {row.title}
                {row.round !== undefined && ` ${row.round + 1}`}
              </span>
            </span>
            <span className="track">
              {row.segments.map((segment, index) => (
                <span key={index} className={`tb ${segment.kind}`} style={{ left: part(segment.from), width: part(segment.to - segment.from) }} />
              ))}
            </span>
            <span className="t2 num text-right xs">{duration(row.to - row.from)}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
