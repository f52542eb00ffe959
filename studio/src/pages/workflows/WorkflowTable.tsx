import { Link, useNavigate } from '@tanstack/react-router';
import type { WorkflowView } from '@latchkey/client';
import { MessageSquareText, Workflow } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/components/Icon';
import { Sparkline } from '@/components/Sparkline';
import { Tag } from '@/components/Tag';
import { Time } from '@/components/Time';
import { moneys, number, percent } from '@/util/format';
import { Payer } from './Payer';
import { RowMenu } from './RowMenu';
import { succeeded, type WeekRows, weekOf } from './week';
import type { Payers } from './who-pays';

function Succeeded({ share }: { share: number | null }) {
  if (share === null) return <span className="t2">—</span>;
  const text = percent(share, share === 1 ? 0 : 1);
  return share < 0.97 ? <span className="st warn">{text}</span> : <span className="t2">{text}</span>;
}

export function VersionTag({ workflow }: { workflow: WorkflowView }) {
  const { t } = useTranslation('workflows');
  return <Tag>{workflow.published_version ? `v${workflow.published_version}` : t('draft')}</Tag>;
}

type Props = { rows: WorkflowView[]; week: WeekRows; pays: Payers };

export function WorkflowTable({ rows, week, pays }: Props) {
  const { t } = useTranslation('workflows');
  const navigate = useNavigate();
  return (
    <div className="card">
      <table className="tbl stack wfl">
        <thead>
          <tr>
            <th>{t('col.name')}</th>
            <th>{t('col.version')}</th>
            <th>{t('col.pays')}</th>
            <th className="hide-t">{t('col.week')}</th>
            <th className="r">{t('col.runs')}</th>
            <th className="r">{t('col.succeeded')}</th>
            <th className="r">{t('col.cost')}</th>
            <th className="hide-t">{t('col.changed')}</th>
            <th className="hide-t">
              <span className="vh">{t('col.more')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((workflow) => {
            const sums = weekOf(week, workflow.id);
            return (
              <tr key={workflow.id} className="go" onClick={(event) => !(event.target as Element).closest('a,button') && void navigate({ to: '/workflows/$id', params: { id: workflow.id } })}>
                <td className="full">
                  <Link to="/workflows/$id" params={{ id: workflow.id }} className="golink">
                    <Icon of={workflow.mode === 'advanced-chat' ? MessageSquareText : Workflow} className="t3" label={t(`modes.${workflow.mode}`)} />
                    <span className="b ell wname" dir="auto" title={workflow.name}>
                      {workflow.name}
                    </span>
                  </Link>
                </td>
                <td>
                  <VersionTag workflow={workflow} />
                </td>
                <td>
                  <Payer payer={pays.get(workflow.id)} />
                </td>
                <td className="hide-m hide-t">
                  <Sparkline values={sums.perDay} label={t('weekLabel', { count: sums.runs })} />
                </td>
                <td className="r hide-m">{number(sums.runs)}</td>
                <td className="r hide-m">
                  <Succeeded share={succeeded(sums)} />
                </td>
                <td className="r push">{moneys(sums.cost)}</td>
                <td className="t2 nw hide-m hide-t">
                  <Time at={workflow.updated_at} />
                </td>
                <td className="r gone hide-t">
                  <RowMenu workflow={workflow} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
