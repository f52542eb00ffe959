import type { ModelCallView } from '@latchkey/client';
import { ChevronRight, CircleSlash, KeyRound } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Checkbox } from '@/components/Choice';
import { Icon } from '@/components/Icon';
import { State } from '@/components/State';
import { Tag } from '@/components/Tag';
import { Tile } from '@/editor/canvas/Tile';
import { roundsOf, type Row, visible, type Waterfall } from '@/editor/document/run/waterfall';
import { cx } from '@/util/cx';
import { duration, moneys } from '@/util/format';

const A_PAGE = 50;

type Props = {
  trace: Waterfall;
  selected: string | undefined;
  onSelect: (id: string) => void;
  onOpen: () => void;
  going: boolean;
  skipped: { titles: string[]; branches: string[] };
  calls: readonly ModelCallView[];
};

const legend = ['wait', 'model', 'io', 'local', 'failed'] as const;

/** Which key stands beside a row: the one that paid, and how it came to that when it was not the first. */
function Payer({ row }: { row: Row }) {
  const { t } = useTranslation('run');
  const paid = row.calls.findLast((call) => call.outcome === 'succeeded')?.credential_name ?? row.resolution?.credential_name ?? row.execution.error?.credential?.credential_name;
  const bad = row.status === 'failed';
  if (paid == null || row.kind === 'iteration' || row.kind === 'loop') return null;
  return (
    <span className={cx('livekey kt', bad && 'bad')} title={paid}>
      <Icon of={KeyRound} size="xs" label={t('trace.paidBy', { name: paid })} />
      <span className="ell hide-m">{paid}</span>
    </span>
  );
}

function TraceRow({ row, trace, selected, folded, onFold, onSelect }: { row: Row; trace: Waterfall; selected: boolean; folded: boolean; onFold: () => void; onSelect: () => void }) {
  const { t } = useTranslation('run');
  const part = (ms: number) => `${trace.length === 0 ? 0 : (100 * ms) / trace.length}%`;
  const pool = row.resolution?.pool;
  const state = row.status === 'succeeded' ? undefined : row.status;
  return (
    <div className={cx('wr', selected && 'sel')} role="row" aria-selected={selected} tabIndex={selected ? 0 : -1} data-row={row.id} onClick={onSelect}>
      <div className="nm" role="cell" style={{ paddingLeft: row.depth * 18 }}>
        {row.children > 0 ? (
          <button
            type="button"
            className="fold"
            aria-expanded={!folded}
            aria-label={t(folded ? 'trace.unfold' : 'trace.fold', { title: row.title })}
            onClick={(event) => {
              event.stopPropagation();
              onFold();
            }}
          >
            <Icon of={ChevronRight} size="xs" className={folded ? '' : 'rotate-90'} />
          </button>
        ) : (
          <span className="fold" />
        )}
        <Tile kind={row.kind} small />
        <span className="ell" dir="auto">
          {row.title}
          {row.round !== undefined && ` ${row.round + 1}`}
        </span>
        <Payer row={row} />
        {pool != null && pool.attempt > 1 ? <Tag>{t('trace.pool', { number: pool.attempt })}</Tag> : row.tries > 1 && <Tag>{t('trace.try', { number: row.tries })}</Tag>}
        {state !== undefined && state !== 'running' && <span className="hide-m"><State name={state === 'failed' || state === 'exception' || state === 'paused' || state === 'reused' ? state : 'stopped'} /></span>}
      </div>
      <div className="track" role="cell" aria-label={t('trace.bar', { from: duration(row.from), time: duration(row.to - row.from) })}>
        {row.segments.map((segment, index) => (
          <span key={index} className={cx('tb', segment.kind === 'failed' ? 'err' : segment.kind === 'local' ? 'pure' : segment.kind, row.status === 'running' && 'live')} style={{ left: part(segment.from), width: part(segment.to - segment.from) }} />
        ))}
      </div>
      <div className="v c" role="cell">
        {row.cost.length > 0 ? moneys(row.cost) : ''}
      </div>
      <div className="v" role="cell">
        {duration(row.to - row.from)}
      </div>
    </div>
  );
}

function Pager({ row, rounds, page, onPage }: { row: Row; rounds: number; page: number; onPage: (page: number) => void }) {
  const { t } = useTranslation('run');
  const pages = Math.ceil(rounds / A_PAGE);
  return (
    <div className="wr pager" role="row">
      <div className="nm" role="cell" style={{ paddingLeft: (row.depth + 1) * 18 + 22 }}>
        <button type="button" className="link sm" disabled={page === 0} onClick={() => onPage(page - 1)}>
          {t('trace.before')}
        </button>
        <span className="t3 sm num">{t('trace.rounds', { from: page * A_PAGE + 1, to: Math.min(rounds, (page + 1) * A_PAGE), all: rounds })}</span>
        <button type="button" className="link sm" disabled={page + 1 >= pages} onClick={() => onPage(page + 1)}>
          {t('trace.after')}
        </button>
      </div>
    </div>
  );
}

/** The waterfall: a row for each node execution, in the order of their starts. ↑↓ move, → opens, Enter goes to the details. */
export function Trace({ trace, selected, onSelect, onOpen, going, skipped }: Props) {
  const { t } = useTranslation('run');
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [pages, setPages] = useState<ReadonlyMap<string, number>>(new Map());
  const [following, setFollowing] = useState(true);
  const list = useRef<HTMLDivElement>(null);
  const rows = visible(trace.rows, folded, pages, A_PAGE);
  useEffect(() => {
    if (going && following) list.current?.lastElementChild?.scrollIntoView({ block: 'nearest' });
  }, [going, following, rows.length]);
  const step = trace.ticks[1] ?? trace.length;
  const grid: React.CSSProperties & Record<'--tick', string> = { '--tick': `${trace.length === 0 ? 100 : (100 * step) / trace.length}%` };
  const fold = (id: string) =>
    setFolded((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const onKeyDown = (event: React.KeyboardEvent) => {
    const at = rows.findIndex((row) => row.id === selected);
    const here = rows[at];
    let next: Row | undefined;
    if (event.key === 'ArrowDown') next = rows[Math.min(at + 1, rows.length - 1)];
    else if (event.key === 'ArrowUp') next = rows[Math.max(at - 1, 0)];
    else if (event.key === 'ArrowRight' && here !== undefined && folded.has(here.id)) fold(here.id);
    else if (event.key === 'ArrowLeft' && here !== undefined && here.children > 0 && !folded.has(here.id)) fold(here.id);
    else if (event.key === 'Enter') onOpen();
    else return;
    event.preventDefault();
    if (next === undefined) return;
    onSelect(next.id);
    list.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(next.id)}"]`)?.focus();
  };
  return (
    <div className="tracebox">
      <div className="row px-4 py-2.5 tracetop">
        <ul className="lg">
          {legend.map((kind) => (
            <li key={kind}>
              <i className={`lgd ${kind}`} />
              {t(`trace.legend.${kind}`)}
            </li>
          ))}
        </ul>
        {going && (
          <span className="end">
            <Checkbox label={t('trace.follow')} checked={following} onChange={setFollowing} />
          </span>
        )}
      </div>
      <div className="wf" role="table" aria-label={t('tab.trace')} ref={list} onKeyDown={onKeyDown} style={grid}>
        <div className="wr hd" role="row">
          <div className="nm" role="columnheader">
            {t('trace.node')}
          </div>
          <div className="track axis" role="columnheader" aria-label={t('trace.axis')}>
            {trace.ticks.map((tick) => (
              <span key={tick} style={{ left: `${trace.length === 0 ? 0 : (100 * tick) / trace.length}%` }}>
                {tick > trace.length * 0.93 ? '' : tick === 0 ? '0 s' : duration(tick).replace('.0', '')}
              </span>
            ))}
          </div>
          <div className="v c" role="columnheader">
            {t('trace.cost')}
          </div>
          <div className="v" role="columnheader">
            {t('trace.time')}
          </div>
        </div>
        {rows.map((row) => {
          const rounds = row.children > 0 ? roundsOf(trace.rows, row.id) : 0;
          return (
            <div key={row.id} role="rowgroup">
              <TraceRow row={row} trace={trace} selected={row.id === selected} folded={folded.has(row.id)} onFold={() => fold(row.id)} onSelect={() => onSelect(row.id)} />
              {rounds > A_PAGE && !folded.has(row.id) && <Pager row={row} rounds={rounds} page={pages.get(row.id) ?? 0} onPage={(page) => setPages((old) => new Map([...old, [row.id, page]]))} />}
            </div>
          );
        })}
        {skipped.titles.length > 0 && (
          <div className="wr skippedrow" role="row">
            <div className="nm t2" role="cell">
              <span className="fold" />
              <Icon of={CircleSlash} size="s" className="flex-none" />
              <span>
                {t('trace.skipped', { count: skipped.titles.length, titles: skipped.titles.join(', ') })} {skipped.branches.length > 0 && t('trace.branch', { branch: skipped.branches.join(', ') })}
              </span>
            </div>
          </div>
        )}
      </div>
    </div>
  );
}
