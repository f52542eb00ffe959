import type { CredentialFailureView, ModelCallView, ResolutionView } from '@latchkey/client';
import { Check, CircleCheck, CircleX, KeyRound, TriangleAlert, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '@/util/cx';
import { duration } from '@/util/format';
import { CredentialName } from './CredentialName';
import { Icon } from './Icon';
import { isLevel, levels } from './LevelBadge';
import { Rich } from './Rich';

type Considered = ResolutionView['considered'][number];

type Props = {
  resolution?: ResolutionView | null | undefined;
  failure?: CredentialFailureView | null | undefined;
  /** The node's title. */
  title: string;
  provider?: string | undefined;
  last4?: string | undefined;
  /** The attempts, for the checks and the members of a pool that were tried. */
  calls?: readonly ModelCallView[] | undefined;
};

/** Titles are bold; names and texts with `{{#a.b#}}` are in mono, broken anywhere. */
const AS = {
  b: (text: string) => <b>{text}</b>,
  c: (text: string) => <code className="w">{text}</code>,
};

function Step({ number, level, row, decided, failed, code, selector, rendered }: { number: number; level: string; row: Considered | undefined; decided: boolean; failed: boolean; /** Why it stopped here. */ code: string; selector: string | null | undefined; rendered: string | null | undefined }) {
  const { t } = useTranslation('why');
  const outcome = row?.outcome ?? 'not_asked';
  const asked = outcome === 'decided' || outcome === 'failed';
  const dynamic = level === 'node' && selector != null && rendered != null && selector !== rendered;
  const words = (): ReactNode => {
    if (asked && dynamic) {
      return (
        <>
          <Rich t={t} k={rendered === '' ? 'renderedEmpty' : 'rendered'} values={{ selector, rendered }} as={AS} />{' '}
          {failed ? t(`code.${code}`, { defaultValue: code }) : t('decides')}
        </>
      );
    }
    if (outcome === 'decided') return <>{selector != null && level === 'node' ? <Rich t={t} k="names" values={{ selector }} as={AS} /> : t('says')} {t('decides')}</>;
    if (outcome === 'failed') return t(`code.${code}`, { defaultValue: code });
    if (outcome === 'silent') return level === 'run_override' ? t('sentNone') : t('silent');
    if (outcome === 'locked') return t('locked');
    if (failed) return t('notTried');
    return row?.would_be != null && row.would_be !== '' ? <Rich t={t} k="wouldBe" values={{ name: row.would_be }} as={AS} /> : t('notAsked');
  };
  return (
    <li className={cx(decided && !failed && 'd', decided && failed && 'x d', !asked && 'f')}>
      <span className="n">{decided && failed ? <Icon of={X} size="xs" /> : number}</span>
      <span className="lvname">{isLevel(level) ? t(`level.${level}`) : level}</span>
      <span>{words()}</span>
    </li>
  );
}

function Checks({ resolution, calls }: { resolution: ResolutionView; calls: readonly ModelCallView[] }) {
  const { t } = useTranslation('why');
  const last = calls.at(-1);
  return (
    <ul className="whychecks">
      {(resolution.skipped ?? []).map((skipped, index) => (
        <li key={index}>
          <Icon of={TriangleAlert} size="s" className="text-warn-glyph" />
          {t('skipped', { name: skipped.credential_name ?? '?', reason: t(`code.${skipped.code}`, { defaultValue: skipped.code }) })}
        </li>
      ))}
      {resolution.pool != null && (
        <li>
          <Icon of={CircleCheck} size="s" className="text-ok-glyph" />
          {t('pool', { member: resolution.pool.member, pool: resolution.pool.name, number: resolution.pool.attempt })}
        </li>
      )}
      {resolution.fallback != null && (
        <li>
          <Icon of={TriangleAlert} size="s" className="text-warn-glyph" />
          {t('fallback', { number: resolution.fallback })}
        </li>
      )}
      {calls.filter((call) => call.outcome !== 'succeeded').map((call) => (
        <li key={call.id}>
          <Icon of={CircleX} size="s" className="text-err-glyph" />
          {t('failedCall', { name: call.credential_name ?? '?', code: call.error_code ?? call.outcome, status: call.http_status ?? '—' })}
        </li>
      ))}
      <li>
        <Icon of={Check} size="s" className="text-ok-glyph" />
        {resolution.credential_version == null ? t('attempts', { count: calls.length }) : t('version', { version: resolution.credential_version, count: Math.max(1, calls.length) })}
        {last?.latency_ms != null && ` · ${duration(last.latency_ms)}`}
      </li>
    </ul>
  );
}

/** *Why this key*: one sentence, the six levels, and what was checked. */
export function WhyThisKey({ resolution, failure, title, provider, last4, calls = [] }: Props) {
  const { t } = useTranslation('why');
  const story = resolution ?? failure;
  if (story == null) return null;
  const failed = resolution == null;
  const level = story.level ?? '';
  const at = levels.findIndex((each) => each === level);
  const name = resolution?.credential_name ?? failure?.credential_name ?? story.selector_rendered ?? '';
  const rows = new Map(story.considered.map((row) => [row.level, row]));
  const dynamic = story.selector != null && story.selector_rendered != null && story.selector !== story.selector_rendered;
  const reason = failed ? (dynamic ? 'failedVariable' : name === '' ? 'failedNobody' : 'failed') : level === 'node' && dynamic ? 'variable' : level;
  return (
    <section className={cx('why', failed && 'bad')} aria-label={t('title')}>
      <div className="say">
        <div className="row mb-2">
          <Icon of={KeyRound} size="s" className="text-key-glyph" />
          <h3 className="text-key">{t('title')}</h3>
          {at >= 0 && (
            <span className="lv end">
              <span className="lad" aria-hidden="true">
                {levels.map((each, index) => (
                  <i key={each} className={cx(index < at && 's', index === at && (failed ? 'e' : 'd'))} />
                ))}
              </span>
              {failed ? t('stoppedAt', { number: at + 1 }) : t('levelOf', { number: at + 1 })}
            </span>
          )}
        </div>
        <p>
          {name !== '' && <CredentialName as="chip" provider={provider ?? resolution?.provider ?? ''} name={resolution?.pool != null ? resolution.pool.member : name} last4={last4} bad={failed} />}{' '}
          <Rich t={t} k={`because.${reason}`} values={{ title, rendered: story.selector_rendered ?? '', level }} as={AS} />
        </p>
      </div>
      <ol className="steps">
        {levels.map((each, index) => (
          <Step key={each} number={index + 1} level={each} row={rows.get(each)} decided={each === level} failed={failed} code={rows.get(each)?.code ?? failure?.code ?? ''} selector={story.selector} rendered={story.selector_rendered} />
        ))}
      </ol>
      {resolution != null && <Checks resolution={resolution} calls={calls} />}
    </section>
  );
}
