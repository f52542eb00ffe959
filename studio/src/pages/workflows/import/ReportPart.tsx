import type { FindingView, ReportView } from '@latchkey/client';
import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/components/Icon';
import { saveFile } from '@/util/save';
import { cx } from '@/util/cx';
import { errorsOf, type Outline, toLookAt, untouched } from './file';

function Finding({ item, outline }: { item: FindingView; outline: Outline | null }) {
  const { t } = useTranslation('workflows');
  const error = item.severity === 'error';
  const title = item.node_id && (outline?.titles.get(item.node_id) ?? item.node_id);
  return (
    <li className="row items-start gap-3 border-b border-line px-3 py-2.5 last:border-b-0">
      <Icon of={error ? CircleX : TriangleAlert} className={cx('mt-0.5', error ? 'text-err-glyph' : 'text-warn-glyph')} label={error ? t('report.error') : t('report.warning')} />
      <div className="grow">
        <div className="b" dir="auto">
          {title ? `“${title}”` : t('report.file')} <code className="t3 font-normal">{item.code}</code>
        </div>
        <p className="t2 sm" dir="auto">
          {item.message}
        </p>
      </div>
      {item.line ? <span className="t3 sm nw">{t('report.line', { line: item.line })}</span> : null}
    </li>
  );
}

/** What stays, what has to be looked at, and what stands in the way. */
export function ReportPart({ report, outline, name }: { report: ReportView; outline: Outline | null; name: string }) {
  const { t } = useTranslation('workflows');
  const items = toLookAt(report);
  const errors = errorsOf(report).length;
  const warnings = items.length - errors;
  return (
    <section aria-label={t('report.title')}>
      <div className="row wrap mb-2">
        <h2>{t('report.title')}</h2>
        {outline && (
          <span className="st pill ok">
            <Icon of={CircleCheck} /> {t('report.kept', { count: untouched(report, outline.nodes) })}
          </span>
        )}
        <span className={cx('st pill', warnings > 0 && 'warn')}>
          <Icon of={warnings > 0 ? TriangleAlert : CircleCheck} /> {t('report.look', { count: warnings })}
        </span>
        <span className={cx('st pill', errors > 0 && 'err')}>
          <Icon of={errors > 0 ? CircleX : CircleCheck} /> {t('report.errors', { count: errors })}
        </span>
        <button type="button" className="link end" onClick={() => saveFile(`${name}.report.json`, JSON.stringify(report, null, 2), 'application/json')}>
          {t('report.download')}
        </button>
      </div>
      {items.length > 0 && (
        <ul className="max-h-60 overflow-y-auto rounded-[10px] border border-line" tabIndex={0} aria-label={t('report.items')}>
          {items.map((item, index) => (
            <Finding key={`${item.code}-${item.line ?? index}-${index}`} item={item} outline={outline} />
          ))}
        </ul>
      )}
    </section>
  );
}
