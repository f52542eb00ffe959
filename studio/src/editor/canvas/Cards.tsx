import { Handle, type NodeProps, NodeResizeControl, Position } from '@xyflow/react';
import { CircleAlert, CircleCheck, CirclePause, CircleSlash, CircleStop, CircleX, Ellipsis, LoaderCircle, type LucideIcon, Recycle, Repeat, RotateCcw, TriangleAlert } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/components/Icon';
import { Tag } from '@/components/Tag';
import { cx } from '@/util/cx';
import { duration, number } from '@/util/format';
import { resizeNode } from '../document/commands';
import { bool, num, str } from '../document/json';
import { hasInput, hasPlainOutput } from '../document/kinds';
import type { ExecutionState, NodePhase } from '../document/run/state';
import { useEditor, useEditorState, useLatest, useNodeRun, useSkipped } from '../state/context';
import { useSeconds } from '@/util/now';
import type { CardNode } from './flow';
import { InHandle, OutHandle } from './handles';
import { openNodeMenu } from './menu';
import { KeyRow, Rows } from './rows';
import { Tile } from './Tile';

const LOOKS: Record<NodePhase, { icon: LucideIcon; tone: string; card: string; spin?: boolean }> = {
  running: { icon: LoaderCircle, tone: 'run', card: 'running', spin: true },
  streaming: { icon: LoaderCircle, tone: 'run', card: 'running', spin: true },
  retrying: { icon: RotateCcw, tone: 'warn', card: 'running' },
  paused: { icon: CirclePause, tone: 'warn', card: 'paused' },
  succeeded: { icon: CircleCheck, tone: 'ok', card: 'okk' },
  defaulted: { icon: CircleCheck, tone: 'ok', card: 'okk' },
  branched: { icon: TriangleAlert, tone: 'warn', card: 'paused' },
  failed: { icon: CircleX, tone: 'err', card: 'failed' },
  stopped: { icon: CircleStop, tone: '', card: '' },
  reused: { icon: Recycle, tone: 'ok', card: 'okk' },
};

function Elapsed({ since }: { since: number }) {
  const now = useSeconds();
  return duration(Math.max(0, now - since));
}

function footerWords(t: (key: string, values?: Record<string, unknown>) => string, execution: ExecutionState): string {
  if (execution.phase === 'retrying') return t('run.try', { number: execution.tries });
  if (execution.phase === 'failed' && execution.error?.credential != null) return t(`run.code.${execution.error.credential.code}`, { defaultValue: t('run.phase.failed') });
  if (execution.phase === 'succeeded' && execution.tries > 1) return t('run.doneTry', { number: execution.tries });
  return t(`run.phase.${execution.phase}`);
}

/** How the latest execution of a node stands; none outside of a run. */
function Footer({ id }: { id: string }) {
  const { t } = useTranslation('editor');
  const execution = useLatest(id);
  const rounds = useNodeRun(id)?.rounds;
  const skipped = useSkipped(id);
  if (execution === undefined) {
    if (!skipped) return null;
    return (
      <div className="nf">
        <Icon of={CircleSlash} size="xs" />
        {t('run.phase.skipped')}
      </div>
    );
  }
  const look = LOOKS[execution.phase];
  const live = execution.phase === 'running' || execution.phase === 'streaming';
  const tokens = execution.tokens.in + execution.tokens.out;
  return (
    <div className="nf">
      <span className={cx('st', look.tone)}>
        <Icon of={look.icon} size="xs" className={look.spin ? 'spin' : ''} />
        {footerWords(t, execution)}
      </span>
      {execution.phase === 'defaulted' && <Tag tone="warn">{t('run.default')}</Tag>}
      <span className="end ell">
        {rounds !== undefined && `${t('run.rounds', { done: rounds.done, length: rounds.length })} · `}
        {live ? <Elapsed since={execution.startedAt} /> : execution.phase === 'paused' ? '' : duration(execution.elapsedMs)}
        {tokens > 0 && ` · ${t('run.tokens', { count: tokens, number: number(tokens) })}`}
      </span>
    </div>
  );
}

function useLook(id: string): string {
  const phase = useNodeRun(id)?.phase;
  const skipped = useSkipped(id);
  return phase !== undefined ? LOOKS[phase].card : skipped ? 'skipped' : '';
}

function Head({ id, kind, title, children }: { id: string; kind: string; title: string; children?: React.ReactNode }) {
  const { t } = useTranslation('editor');
  const problem = useEditorState((state) => state.problems.find((each) => each.node === id)?.severity);
  return (
    <div className="nh">
      <Tile kind={kind} />
      <span className="tt" dir="auto" title={title}>
        {title}
      </span>
      {problem !== undefined && <Icon of={CircleAlert} size="s" className={problem === 'error' ? 'text-err-glyph' : 'text-warn-glyph'} label={t(`problems.${problem}`)} />}
      {children}
      <button
        type="button"
        className="ndmenu nodrag"
        tabIndex={-1}
        aria-label={t('menu.of', { title })}
        onClick={(event) => {
          event.stopPropagation();
          const box = event.currentTarget.getBoundingClientRect();
          openNodeMenu(id, box.left, box.bottom);
        }}
      >
        <Icon of={Ellipsis} size="s" />
      </button>
    </div>
  );
}

function usePaid(id: string): string | null | undefined {
  return useLatest(id)?.resolution?.credential_name;
}

export const Card = memo(function Card({ id, data, selected }: NodeProps<CardNode>) {
  const look = useLook(id);
  const paid = usePaid(id);
  const failed = useLatest(id)?.phase === 'failed';
  const content = data.node.data;
  return (
    <div className={cx('nd flat', look, selected && 'sel', failed && paid != null && 'keybad')}>
      {hasInput(data.kind) && <InHandle />}
      {hasPlainOutput(data.kind, content) && <OutHandle id="source" />}
      <Head id={id} kind={data.kind} title={str(content.title) || id} />
      <Rows id={id} kind={data.kind} data={content} paid={paid} />
      <Footer id={id} />
    </div>
  );
});

export const Box = memo(function Box({ id, data, selected }: NodeProps<CardNode>) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const look = useLook(id);
  const content = data.node.data;
  const parallel = data.kind === 'iteration' && bool(content.is_parallel);
  return (
    <div className={cx('nd flat box', look, selected && 'sel')}>
      <InHandle />
      <OutHandle id="source" />
      <Head id={id} kind={data.kind} title={str(content.title) || id}>
        <Tag>
          <Icon of={Repeat} size="xs" />
          {data.kind === 'loop' ? t('card.turns', { count: num(content.loop_count) ?? 1 }) : parallel ? t('card.parallel', { count: num(content.parallel_nums) ?? 10 }) : t('card.oneByOne')}
        </Tag>
      </Head>
      <div className="inner" />
      {selected && !editor.readOnly && (
        <NodeResizeControl
          minWidth={240}
          minHeight={130}
          className="ndresize"
          onResizeEnd={(_event, size) => editor.apply((draft) => resizeNode(draft, id, size), `size:${id}`)}
        />
      )}
      <Footer id={id} />
    </div>
  );
});

export const Dot = memo(function Dot() {
  const { t } = useTranslation('editor');
  return (
    <div className="nddot" title={t('kind.start')}>
      <Handle type="source" id="source" position={Position.Right} className="h" isConnectableEnd={false} />
    </div>
  );
});

/** The text of a note: Dify keeps the state of its rich-text editor. */
function noteText(text: string): string {
  if (!text.startsWith('{')) return text;
  try {
    const lines: string[] = [];
    const walk = (item: unknown) => {
      if (typeof item !== 'object' || item === null) return;
      if ('text' in item && typeof item.text === 'string') lines[lines.length - 1] = `${lines[lines.length - 1] ?? ''}${item.text}`;
      if ('children' in item && Array.isArray(item.children)) {
        if ('type' in item && (item.type === 'paragraph' || item.type === 'listitem')) lines.push('');
        item.children.forEach(walk);
      }
      if ('root' in item) walk(item.root);
    };
    walk(JSON.parse(text));
    return lines.join('\n').trim();
  } catch {
    return text;
  }
}

export const Note = memo(function Note({ data, selected }: NodeProps<CardNode>) {
  const { t } = useTranslation('editor');
  const text = noteText(str(data.node.data.text));
  const [first = '', ...rest] = text.split('\n');
  return (
    <div className={cx('ndnote', selected && 'sel')} dir="auto">
      {text === '' ? <span className="t3">{t('note.empty')}</span> : <b>{first}</b>}
      {rest.length > 0 && <div className="whitespace-pre-line">{rest.join('\n')}</div>}
    </div>
  );
});

export { KeyRow, noteText };
