import { listRuns } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleStop, Play, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { ApiError } from '@/api/problem';
import { Button, IconButton } from '@/components/Button';
import { Field as Labelled, Input, TextAreaField } from '@/components/Field';
import { ProblemNote } from '@/components/Problem';
import { RunState as RunStateView } from '@/components/State';
import { TabPanel, Tabs } from '@/components/Tabs';
import { clock } from '@/util/format';
import { useSeconds } from '@/util/now';
import { kindOf, modeOf } from '../document/draft';
import type { JsonObject } from '../document/json';
import { isRootKind } from '../document/kinds';
import { isOver, type RunState } from '../document/run/state';
import { Floating } from '../panel/Panel';
import { useDraft, useEditor, useRun, useRunner } from '../state/context';
import { useStore } from '../state/store';
import type { Saver } from '../save/saver';
import { fieldsOf, fill, type Wrong } from './fields';
import { Live } from './Live';
import { RunForm } from './RunForm';
import { RunTrace } from './RunTrace';

type Tab = 'input' | 'live' | 'trace' | 'events';

function Clock({ run }: { run: RunState }) {
  const now = useSeconds();
  if (run.startedAt === undefined) return null;
  const ms = Math.max(0, (run.finishedAt ?? now) - run.startedAt);
  const minutes = Math.floor(ms / 60_000);
  return (
    <span className="t2 num">
      {String(minutes).padStart(2, '0')}:{((ms % 60_000) / 1000).toFixed(1).padStart(4, '0')}
    </span>
  );
}

function EventsList() {
  const { t } = useTranslation('editor');
  const runner = useRunner();
  const log = useStore(runner.store, (state) => state.log);
  return (
    <ol className="py-2">
      {log.map((event, index) => (
        <li key={index} className="evrow">
          <span className="t3 num xs">{clock(event.at)}</span>
          <span className="mono xs">{event.event}</span>
          <span className="ell t2 sm">{'title' in event && typeof event.title === 'string' ? event.title : 'node_id' in event ? String(event.node_id) : ''}</span>
        </li>
      ))}
      {log.length === 0 && <li className="t3">{t('run.noEvents')}</li>}
    </ol>
  );
}

function useLastValues(): JsonObject | undefined {
  const editor = useEditor();
  const { data } = useQuery({ queryKey: ['runs', 'inputs', editor.workflow], queryFn: () => ok(listRuns({ query: { workflow_id: editor.workflow, limit: 50 } })), select: (page) => page.data.map((run) => run.inputs as JsonObject), staleTime: 60_000 });
  return data?.[0];
}

/** The drawer of a test run: its form, then the run as it goes. */
export function TestRun({ saver }: { saver: Saver }) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const draft = useDraft();
  const runner = useRunner();
  const run = useRun((state) => state);
  const starting = useStore(runner.store, (state) => state.starting);
  const stopping = useStore(runner.store, (state) => state.stopping);
  const error = useStore(runner.store, (state) => state.error);
  const id = useStore(runner.store, (state) => state.id);
  const events = useStore(runner.store, (state) => state.log.length);
  const last = useLastValues();
  const [values, setValues] = useState<JsonObject>();
  const [query, setQuery] = useState('');
  const [environment, setEnvironment] = useState('');
  const [endUser, setEndUser] = useState('');
  const [wrong, setWrong] = useState<Record<string, Wrong>>({});
  const [saveFailed, setSaveFailed] = useState(false);
  const [tab, setTab] = useState<Tab>(run === undefined ? 'input' : 'live');
  const start = draft.nodes.find((node) => isRootKind(kindOf(node)));
  const fields = start === undefined ? [] : fieldsOf(start.data);
  const chat = modeOf(draft) === 'advanced-chat';
  const filled = values ?? last ?? {};
  const live = run !== undefined && !isOver(run) && run.status !== 'paused';

  const begin = async () => {
    const { inputs, wrong: problems } = fill(fields, filled);
    setWrong(problems);
    if (Object.keys(problems).length > 0) return;
    const saved = await saver.flush();
    setSaveFailed(!saved);
    if (!saved) return;
    setTab('live');
    await runner.start({ inputs, ...(chat ? { query } : {}), ...(environment === '' ? {} : { environment }), ...(endUser === '' ? {} : { end_user: endUser }) });
  };
  const shownError = error instanceof ApiError && error.items.length > 0 ? error.items.map((item) => item.message).join(' ') : undefined;
  const shown: Tab = run === undefined ? 'input' : tab;
  return (
    <Floating label={t('run.title')}>
      <div className="ph">
        <h2>{t('run.title')}</h2>
        {run !== undefined && <RunStateView status={stopping ? 'stopping' : run.status === 'starting' ? 'queued' : run.status} pill />}
        <span className="end row">
          {run !== undefined && <Clock run={run} />}
          <IconButton size="sm" icon={X} label={t('close')} onClick={() => { editor.open(undefined); if (run === undefined || isOver(run)) runner.clear(); }} />
        </span>
      </div>
      <Tabs<Tab>
        label={t('run.views')}
        value={shown}
        onChange={setTab}
        className="ptabs"
        tabs={[
          { value: 'input', label: t('run.tab.input') },
          { value: 'live', label: t('run.tab.live') },
          { value: 'trace', label: t('run.tab.trace') },
          { value: 'events', label: t('run.tab.events'), ...(events > 0 ? { count: events } : {}) },
        ]}
      >
        <TabPanel value="input" className="scroll">
          <form
            className="py-3 col g12"
            onSubmit={(event) => {
              event.preventDefault();
              void begin();
            }}
          >
            {error !== undefined && <ProblemNote error={error} title={t('run.notStarted')} />}
            {shownError !== undefined && <p className="sm">{shownError}</p>}
            {saveFailed && <p className="hint text-err">{t('run.notSaved')}</p>}
            {chat && <TextAreaField label={t('run.query')} dir="auto" rows={3} value={query} onChange={(event) => setQuery(event.target.value)} />}
            <RunForm fields={fields} values={filled} wrong={wrong} onChange={setValues} />
            {fields.length === 0 && !chat && <p className="t2">{t('run.noInputs')}</p>}
            <div className="grid grid-cols-2 gap-3 border-t border-line pt-3">
              <Labelled label={t('run.environment')} optional={t('form.optional')}>
                {(ids) => <Input {...ids} mono small placeholder="development" value={environment} onChange={(event) => setEnvironment(event.target.value)} />}
              </Labelled>
              <Labelled label={t('run.endUser')} optional={t('form.optional')}>
                {(ids) => <Input {...ids} mono small value={endUser} onChange={(event) => setEndUser(event.target.value)} />}
              </Labelled>
            </div>
            <Button type="submit" kind="primary" icon={Play} busy={starting} disabled={live}>
              {t('run.start')}
            </Button>
          </form>
        </TabPanel>
        <TabPanel value="live" className="scroll">
          <div className="py-3 col g12">
            {error !== undefined && <ProblemNote error={error} title={t('run.notStarted')} />}
            {run !== undefined && <Live run={run} />}
          </div>
        </TabPanel>
        <TabPanel value="trace" className="scroll">
          {run !== undefined && id !== undefined && <RunTrace run={run} id={id} />}
        </TabPanel>
        <TabPanel value="events" className="scroll">
          <EventsList />
        </TabPanel>
      </Tabs>
      {run !== undefined && id !== undefined && (
        <div className="pfoot row">
          <Link to="/runs/$id" params={{ id }} className="link">
            {t('run.openRun')}
          </Link>
          <span className="end row">
            {live ? (
              <Button size="sm" kind="danger" icon={CircleStop} busy={stopping} onClick={() => void runner.stop()}>
                {t('run.stop')}
              </Button>
            ) : (
              <Button size="sm" icon={Play} onClick={() => setTab('input')}>
                {t('run.again')}
              </Button>
            )}
          </span>
        </div>
      )}
    </Floating>
  );
}
