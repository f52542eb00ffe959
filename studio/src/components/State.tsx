import {
  CalendarClock,
  CalendarX,
  CircleCheck,
  CircleDashed,
  CircleEllipsis,
  CircleOff,
  CirclePause,
  CircleSlash,
  CircleStop,
  CircleX,
  LoaderCircle,
  type LucideIcon,
  Recycle,
  RefreshCw,
  RotateCcw,
  Timer,
  TriangleAlert,
  Wallet,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { cx } from '@/util/cx';
import { Icon } from './Icon';

type StateTone = 'neutral' | 'run' | 'ok' | 'warn' | 'err';
export type StateName =
  | 'queued' | 'running' | 'paused' | 'stopping' | 'stopped' | 'succeeded' | 'partial-succeeded' | 'failed'
  | 'streaming' | 'retrying' | 'skipped' | 'reused' | 'exception'
  | 'active' | 'rotating' | 'budget' | 'expires' | 'cooling' | 'invalid' | 'expired' | 'exhausted' | 'disabled' | 'untested' | 'ready';

const looks: Record<StateName, { icon: LucideIcon; tone: StateTone; spin?: boolean }> = {
  queued: { icon: CircleDashed, tone: 'neutral' },
  running: { icon: LoaderCircle, tone: 'run', spin: true },
  paused: { icon: CirclePause, tone: 'warn' },
  stopping: { icon: CircleEllipsis, tone: 'neutral' },
  stopped: { icon: CircleStop, tone: 'neutral' },
  succeeded: { icon: CircleCheck, tone: 'ok' },
  'partial-succeeded': { icon: TriangleAlert, tone: 'warn' },
  failed: { icon: CircleX, tone: 'err' },
  streaming: { icon: LoaderCircle, tone: 'run', spin: true },
  retrying: { icon: RotateCcw, tone: 'run' },
  skipped: { icon: CircleSlash, tone: 'neutral' },
  reused: { icon: Recycle, tone: 'neutral' },
  exception: { icon: TriangleAlert, tone: 'warn' },
  active: { icon: CircleCheck, tone: 'ok' },
  ready: { icon: CircleCheck, tone: 'ok' },
  rotating: { icon: RefreshCw, tone: 'run' },
  budget: { icon: TriangleAlert, tone: 'warn' },
  expires: { icon: CalendarClock, tone: 'warn' },
  cooling: { icon: Timer, tone: 'warn' },
  invalid: { icon: CircleX, tone: 'err' },
  expired: { icon: CalendarX, tone: 'err' },
  exhausted: { icon: Wallet, tone: 'err' },
  disabled: { icon: CircleOff, tone: 'neutral' },
  untested: { icon: CircleDashed, tone: 'neutral' },
};

export const isStateName = (name: string): name is StateName => name in looks;

type Props = { name: StateName; pill?: boolean; /** For the words: `{{percent}}`, `{{time}}`, … */ values?: Record<string, string | number> };

/** Icon, word and colour: never colour alone. */
export function State({ name, pill, values }: Props) {
  const { t } = useTranslation('states');
  const look = looks[name];
  return (
    <span className={cx('st', look.tone !== 'neutral' && look.tone, pill && 'pill')}>
      <Icon of={look.icon} className={look.spin ? 'spin' : ''} /> {t(name, values)}
    </span>
  );
}

/** A run's status as the API spells it. */
export function RunState({ status, pill }: { status: string; pill?: boolean }) {
  return isStateName(status) ? <State name={status} pill={pill} /> : <span className="st">{status}</span>;
}
