import { Link } from '@tanstack/react-router';
import type { WorkflowView } from '@latchkey/client';
import { MessageSquareText, Workflow } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/components/Icon';
import { Sparkline } from '@/components/Sparkline';
import { Time } from '@/components/Time';
import { moneys, number } from '@/util/format';
import { Payer } from './Payer';
import { RowMenu } from './RowMenu';
import { type WeekRows, weekOf } from './week';
import type { Payers } from './who-pays';
import { VersionTag } from './WorkflowTable';

export function WorkflowCards({ rows, week, pays }: { rows: WorkflowView[]; week: WeekRows; pays: Payers }) {
  const { t } = useTranslation('workflows');
  return (
    <ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
      {rows.map((workflow) => {
        const sums = weekOf(week, workflow.id);
        return (
          <li className="card relative flex min-w-0 flex-col gap-3 p-4 hover:border-line2" key={workflow.id}>
            <div className="row">
              <Icon of={workflow.mode === 'advanced-chat' ? MessageSquareText : Workflow} className="t3" label={t(`modes.${workflow.mode}`)} />
              <Link to="/workflows/$id" params={{ id: workflow.id }} className="b ell grow after:absolute after:inset-0 after:content-['']" dir="auto" title={workflow.name}>
                {workflow.name}
              </Link>
              <VersionTag workflow={workflow} />
              <span className="relative">
                <RowMenu workflow={workflow} />
              </span>
            </div>
            <p className="t2 line-clamp-2" dir="auto">
              {workflow.description || <span className="t3">{t('noDescription')}</span>}
            </p>
            <div className="min-w-0">
              <Payer payer={pays.get(workflow.id)} />
            </div>
            <div className="row mt-auto border-t border-line pt-3">
              <Sparkline values={sums.perDay} label={t('weekLabel', { count: sums.runs })} />
              <span className="t2 sm num">{t('runsCount', { count: sums.runs, shown: number(sums.runs) })}</span>
              <span className="num end">{moneys(sums.cost)}</span>
            </div>
            <span className="t3 sm">
              {t('changed')} <Time at={workflow.updated_at} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}
