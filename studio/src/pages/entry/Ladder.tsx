import { useTranslation } from 'react-i18next';
import { levels } from '@/components/LevelBadge';
import { cx } from '@/util/cx';

const examples: Record<string, string> = { node: 'customer-{tenant}', workflow_binding: 'acme-staging' };

/** Six places can name a key; brass is the one that a key has just been named at. */
export function Ladder({ level }: { level?: { level: string; name: string } }) {
  const { t } = useTranslation(['entry', 'states']);
  return (
    <div className="max-w-[440px]">
      <h2 className="text-[17px]">{t('ladder.title')}</h2>
      <p className="t2 mb-5 mt-1.5">{t('ladder.text')}</p>
      <ol className="col gap-1.5">
        {levels.map((each, index) => {
          const on = level?.level === each;
          const example = on ? level.name : level ? null : examples[each];
          return (
            <li key={each} className={cx('ladder-row', on && 'on')}>
              <span className="n">{index + 1}</span>
              <span className="grow">
                <span className="b block">{t(`ladder.names.${each}`)}</span>
                <span className="t2 sm">{on ? t('ladder.now') : t(`ladder.what.${each}`)}</span>
              </span>
              {example && <code className="t2">{example}</code>}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
