import { useTranslation } from 'react-i18next';
import { cx } from '@/util/cx';

/** Strongest first, as the API spells them. */
export const levels = ['run_override', 'node', 'workflow_binding', 'workspace_model_default', 'workspace_default', 'system'] as const;
export type Level = (typeof levels)[number];

export const isLevel = (name: string): name is Level => levels.some((level) => level === name);

type Props = { level: string; /** A level that stopped the search. */ failed?: boolean; long?: boolean; bare?: boolean };

/** Six bars: asked and silent, decided, not asked. Always with its word. */
export function LevelBadge({ level, failed, long, bare }: Props) {
  const { t } = useTranslation('states');
  const at = levels.findIndex((each) => each === level);
  if (at < 0) return <span className="lv">{level === 'not_needed' ? t('level.not_needed') : level}</span>;
  const word = t(`level.${level}`);
  return (
    <span className="lv" title={level}>
      <span className="lad" role="img" aria-label={t('level.aria', { number: at + 1, level: word })}>
        {levels.map((each, index) => (
          <i key={each} className={cx(index < at && 's', index === at && (failed ? 'e' : 'd'))} />
        ))}
      </span>
      {!bare && (long ? t('level.long', { number: at + 1, level: word }) : t(`level.short.${level}`))}
    </span>
  );
}
