import type { ModelCallView } from '@latchkey/client';
import { followEvents } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { ReceiptText } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { sessionHeaders } from '@/api/http';
import { CredentialName } from '@/components/CredentialName';
import { Empty } from '@/components/Empty';
import { LevelBadge } from '@/components/LevelBadge';
import { ProblemNote } from '@/components/Problem';
import { SkeletonRows } from '@/components/Skeleton';
import { RunState } from '@/components/State';
import { readEvent, type RunEvent } from '@/editor/document/run/events';
import { clock, duration, moneys, number } from '@/util/format';

/** One row for each attempt against a provider. */
export function Ledger({ calls, titles }: { calls: readonly ModelCallView[]; titles: ReadonlyMap<string, string> }) {
  const { t } = useTranslation('run');
  if (calls.length === 0) return <Empty icon={ReceiptText} title={t('ledger.none')}>{t('ledger.noneText')}</Empty>;
  return (
    <div className="card scrollx" tabIndex={0} role="region" aria-label={t('tab.ledger')}>
      <table className="tbl den">
        <thead>
          <tr>
            <th>{t('ledger.at')}</th>
            <th>{t('ledger.node')}</th>
            <th>{t('ledger.model')}</th>
            <th>{t('ledger.key')}</th>
            <th>{t('ledger.level')}</th>
            <th>{t('ledger.outcome')}</th>
            <th className="r">{t('ledger.tokens')}</th>
            <th className="r">{t('ledger.cost')}</th>
            <th className="r">{t('ledger.time')}</th>
          </tr>
        </thead>
        <tbody>
          {calls.map((call) => (
            <tr key={call.id}>
              <td className="num nw">{clock(call.opened_at)}</td>
              <td>
                {titles.get(call.node_id ?? '') ?? call.node_id ?? '—'}
                {call.iteration_path.length > 0 && ` ${call.iteration_path.map((step) => step.index + 1).join('.')}`}
              </td>
              <td>{call.model ?? '—'}</td>
              <td>{call.credential_name == null ? '—' : <CredentialName provider={call.provider} name={call.credential_name} />}</td>
              <td>{call.level == null ? '—' : <LevelBadge level={call.level} />}</td>
              <td>
                <RunState status={call.outcome === 'succeeded' ? 'succeeded' : call.outcome === 'open' ? 'running' : 'failed'} /> {call.error_code != null && <code className="t3 xs">{call.error_code}</code>}
              </td>
              <td className="r nw">{`${number(call.input_tokens)} / ${number(call.output_tokens)}`}</td>
              <td className="r">{call.cost == null ? '—' : moneys([call.cost])}</td>
              <td className="r">{duration(call.latency_ms)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

async function allEvents(run: string, signal: AbortSignal): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const frame of followEvents({ url: `/api/v1/runs/${run}/events`, headers: sessionHeaders(), signal, last: ['run_finished', 'run_paused'] })) {
    const event = readEvent(frame.event, JSON.stringify(frame.data));
    if (event !== undefined) events.push(event);
  }
  return events;
}

export function useEvents(run: string, ended: boolean) {
  return useQuery({ queryKey: ['runs', 'one', run, 'events'], queryFn: ({ signal }) => allEvents(run, signal), enabled: ended, staleTime: Infinity });
}

/** Everything that the run has told, one line each. */
export function Events({ events, error, pending, retry }: { events: readonly RunEvent[]; error: unknown; pending: boolean; retry: () => void }) {
  const { t } = useTranslation('run');
  if (error != null) return <ProblemNote error={error} title={t('events.failed')} retry={retry} />;
  if (pending) return <SkeletonRows />;
  return (
    <ol className="card events">
      {events.map((event, index) => {
        const { event: name, run_id: _run, at, sequence, ...rest } = event;
        return (
          <li key={index}>
            <details>
              <summary className="row">
                <span className="t3 num xs w-20 flex-none">{clock(at)}</span>
                <span className="t3 num xs w-10 flex-none text-right">{sequence}</span>
                <span className="mono sm">{name}</span>
                <span className="ell t2 sm">{'title' in rest && typeof rest.title === 'string' ? rest.title : 'text' in rest && typeof rest.text === 'string' ? rest.text : 'node_id' in rest ? String(rest.node_id) : ''}</span>
              </summary>
              <pre className="code">{JSON.stringify(rest, null, 2)}</pre>
            </details>
          </li>
        );
      })}
    </ol>
  );
}
