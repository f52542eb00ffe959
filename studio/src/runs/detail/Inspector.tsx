import type { ModelCallView } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { credentialsQuery } from '@/api/queries';
import { Button } from '@/components/Button';
import { CopyButton } from '@/components/Copy';
import { CredentialName, last4 } from '@/components/CredentialName';
import { JsonTree } from '@/components/JsonTree';
import { LevelBadge } from '@/components/LevelBadge';
import { Note } from '@/components/Note';
import { ProviderMark } from '@/components/ProviderMark';
import { RunState } from '@/components/State';
import { TabPanel, Tabs } from '@/components/Tabs';
import { WhyThisKey } from '@/components/WhyThisKey';
import { Tile } from '@/editor/canvas/Tile';
import type { Row } from '@/editor/document/run/waterfall';
import { duration, moneys, number } from '@/util/format';
import type { Money } from '@/editor/document/run/events';

export type Side = 'overview' | 'input' | 'output' | 'attempts' | 'raw';

function Facts({ row, calls, total }: { row: Row; calls: readonly ModelCallView[]; total: readonly Money[] }) {
  const { t } = useTranslation('run');
  const call = calls.at(-1);
  const cached = calls.reduce((sum, each) => sum + each.cache_read_tokens, 0);
  const { in: input, out: output } = row.tokens;
  const streaming = call?.latency_ms != null && call.first_token_ms != null ? call.latency_ms - call.first_token_ms : undefined;
  const speed = streaming !== undefined && streaming >= 200 && call !== undefined ? Math.round((1000 * call.output_tokens) / streaming) : undefined;
  return (
    <dl className="kv">
      {call?.model != null && (
        <>
          <dt>{t('facts.model')}</dt>
          <dd className="row g6">
            <ProviderMark provider={call.provider} />
            {call.model}
          </dd>
        </>
      )}
      {input + output > 0 && (
        <>
          <dt>{t('facts.tokens')}</dt>
          <dd>
            {t('facts.in', { number: number(input) })} {cached > 0 && <span className="t3">{t('facts.cached', { number: number(cached) })}</span>}, {t('facts.out', { number: number(output) })}
          </dd>
        </>
      )}
      {row.cost.length > 0 && (
        <>
          <dt>{t('facts.price')}</dt>
          <dd>
            {moneys(row.cost)} {total.length > 0 && <span className="t3">{t('facts.ofRun', { total: moneys([...total]) })}</span>}
          </dd>
        </>
      )}
      {call?.first_token_ms != null && (
        <>
          <dt>{t('facts.first')}</dt>
          <dd>{speed === undefined ? duration(call.first_token_ms) : t('facts.thenSpeed', { first: duration(call.first_token_ms), speed })}</dd>
        </>
      )}
      <dt>{t('facts.time')}</dt>
      <dd>{duration(row.to - row.from)}</dd>
      {row.execution.attempts > 1 && (
        <>
          <dt>{t('facts.attempts')}</dt>
          <dd>{number(row.execution.attempts)}</dd>
        </>
      )}
    </dl>
  );
}

function Attempts({ calls }: { calls: readonly ModelCallView[] }) {
  const { t } = useTranslation('run');
  if (calls.length === 0) return <p className="t2 py-4">{t('attempts.none')}</p>;
  return (
    <ol className="col g12 py-3">
      {calls.map((call, index) => (
        <li className="inbox" key={call.id}>
          <div className="row mb-2">
            <b>{t('attempts.number', { number: index + 1 })}</b>
            <RunState status={call.outcome === 'succeeded' ? 'succeeded' : call.outcome === 'open' ? 'running' : 'failed'} />
            <span className="end t3 sm">{duration(call.latency_ms)}</span>
          </div>
          <dl className="kv">
            <dt>{t('attempts.key')}</dt>
            <dd className="row g6 wrap">
              {call.credential_name == null ? '—' : <CredentialName provider={call.provider} name={call.credential_name} />}
              {call.credential_version != null && <span className="t3">v{call.credential_version}</span>}
              {call.level != null && <LevelBadge level={call.level} />}
            </dd>
            <dt>{t('attempts.tokens')}</dt>
            <dd>{`${number(call.input_tokens)} / ${number(call.output_tokens)}`}</dd>
            <dt>{t('attempts.cost')}</dt>
            <dd>{call.cost == null ? '—' : moneys([call.cost])}</dd>
            {call.error_code != null && (
              <>
                <dt>{t('attempts.error')}</dt>
                <dd className="mono text-err">
                  {call.error_code} {call.http_status}
                </dd>
              </>
            )}
            {call.provider_request_id != null && (
              <>
                <dt>{t('attempts.request')}</dt>
                <dd className="mono sm break-all">{call.provider_request_id}</dd>
              </>
            )}
          </dl>
        </li>
      ))}
    </ol>
  );
}

type Props = {
  row: Row;
  calls: readonly ModelCallView[];
  total: readonly Money[];
  side: Side;
  onSide: (side: Side) => void;
  retry: { from: (node: string) => void; may: boolean; busy: boolean } | undefined;
};

/** One node execution: why this key first, then what it took and gave. */
export function Inspector({ row, calls, total, side, onSide, retry }: Props) {
  const { t } = useTranslation('run');
  const { data: credentials } = useQuery(credentialsQuery);
  const { execution } = row;
  const id = row.resolution?.credential_id ?? execution.error?.credential?.credential_id;
  const credential = credentials?.find((each) => each.id === id);
  const text = execution.outputs?.text ?? execution.outputs?.answer ?? execution.outputs?.output;
  const failed = execution.error;
  return (
    <section className="inspector" aria-label={row.title} tabIndex={-1} id="inspector">
      <div className="row mb-3">
        <Tile kind={row.kind} />
        <h2 className="ell" dir="auto">
          {row.title}
          {row.round !== undefined && ` ${row.round + 1}`}
        </h2>
        <span className="end">
          <RunState status={execution.status} pill />
        </span>
      </div>
      <Tabs<Side>
        label={t('side.label')}
        value={side}
        onChange={onSide}
        tabs={[
          { value: 'overview', label: t('side.overview') },
          { value: 'input', label: t('side.input') },
          { value: 'output', label: t('side.output') },
          { value: 'attempts', label: t('side.attempts'), ...(calls.length > 0 ? { count: calls.length } : {}) },
          { value: 'raw', label: t('side.raw') },
        ]}
      >
        <TabPanel value="overview" className="col g16 pt-4">
          <Facts row={row} calls={calls} total={total} />
          {failed != null && failed.credential == null && (
            <Note tone="err" title={failed.error_type}>
              <span className="whitespace-pre-wrap">{failed.message}</span>
            </Note>
          )}
          <WhyThisKey resolution={row.resolution} failure={failed?.credential} title={row.title} provider={row.resolution?.provider ?? calls[0]?.provider} last4={credential === undefined ? undefined : last4(credential)} calls={calls} />
          {retry !== undefined && execution.iteration_path.length === 0 && execution.status !== 'running' && (
            <div>
              <Button size="sm" icon={RotateCcw} busy={retry.busy} forbidden={!retry.may && t('retry.forbidden')} onClick={() => retry.from(row.node)}>
                {t('retry.from', { node: row.title })}
              </Button>
            </div>
          )}
          {text !== undefined && (
            <div>
              <div className="lab">{t('side.output')}</div>
              <pre className="code" dir="auto">{typeof text === 'string' ? text : JSON.stringify(text, null, 2)}</pre>
            </div>
          )}
        </TabPanel>
        <TabPanel value="input" className="pt-4">
          <JsonTree value={execution.inputs ?? {}} label={t('side.input')} />
        </TabPanel>
        <TabPanel value="output" className="pt-4">
          <JsonTree value={execution.outputs ?? {}} label={t('side.output')} />
        </TabPanel>
        <TabPanel value="attempts">
          <Attempts calls={calls} />
        </TabPanel>
        <TabPanel value="raw" className="pt-4">
          <div className="row mb-2">
            <code className="t3 ell">{execution.id}</code>
            <span className="end">
              <CopyButton text={JSON.stringify(execution, null, 2)} />
            </span>
          </div>
          <pre className="code">{JSON.stringify(execution, null, 2)}</pre>
        </TabPanel>
      </Tabs>
    </section>
  );
}
