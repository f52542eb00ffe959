import type { ImportedCredentialView, ReportView } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX, TriangleAlert, WandSparkles } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { credentialsQuery, poolsQuery, providersQuery } from '@/api/queries';
import { Button } from '@/components/Button';
import { CredentialName, last4 } from '@/components/CredentialName';
import { Icon } from '@/components/Icon';
import { KeyPicker } from '@/components/KeyPicker';
import { ProviderMark } from '@/components/ProviderMark';
import { VariablePill } from '@/components/Tag';
import { type Choice, matches, named, type Outline, rowKey, verdict } from './file';

/** `customer-{{#start.tenant#}}` with its variables as pills. */
export function Selector({ text }: { text: string }) {
  return (
    <span className="mono row g4 sm" dir="ltr">
      {text.split(/(\{\{#[^#}]+#\}\})/).map((part, index) => {
        const path = /^\{\{#([^#}]+)#\}\}$/.exec(part)?.[1];
        return path ? <VariablePill key={index} path={path} /> : part && <span key={index}>{part}</span>;
      })}
    </span>
  );
}

function Result({ row, choice }: { row: ImportedCredentialView; choice: Choice | undefined }) {
  const { t } = useTranslation('workflows');
  switch (verdict(row, choice)) {
    case 'ready':
      return (
        <span className="st ok">
          <Icon of={CircleCheck} /> {t('pay.ready')}
        </span>
      );
    case 'shared':
      return (
        <span className="st warn">
          <Icon of={TriangleAlert} /> {t('pay.shared')}
        </span>
      );
    case 'variable':
      return (
        <span className="st ok">
          <Icon of={CircleCheck} /> {t('pay.variable')}
        </span>
      );
    case 'missing':
      return (
        <span className="st err">
          <Icon of={CircleX} /> {t('pay.missing')}
        </span>
      );
  }
}

function useShown(row: ImportedCredentialView, choice: Choice | undefined) {
  const { t } = useTranslation('workflows');
  const { data: credentials } = useQuery(credentialsQuery);
  const { data: providers } = useQuery(providersQuery);
  const four = (name: string) => {
    const found = credentials?.find((credential) => credential.provider === row.provider && credential.name === name);
    return found ? last4(found) : null;
  };
  if (choice) return <CredentialName provider={row.provider} name={choice.name} last4={four(choice.name)} pool={choice.kind === 'pool'} />;
  const name = named(row);
  if (name && row.state !== 'missing') return <CredentialName provider={row.provider} name={row.mapped_to ?? name} last4={four(row.mapped_to ?? name)} />;
  if (name) return <span className="mono text-err">{name}</span>;
  if (row.state === 'missing') return <span className="t3">{t('pay.choose')}</span>;
  const provider = providers?.find((each) => each.id === row.provider);
  const id = provider?.model_defaults.find((each) => each.model === row.model)?.credential_id ?? provider?.default_credential_id;
  const shared = credentials?.find((credential) => credential.id === id);
  return (
    <>
      <span className="t3">{t('pay.inherited')}</span>
      {shared && <CredentialName provider={row.provider} name={shared.name} last4={last4(shared)} />}
    </>
  );
}

type RowProps = { row: ImportedCredentialView; outline: Outline | null; choice: Choice | undefined; onChoose: (choice: Choice | null) => void; onAdd: (provider: string) => void };

function PayRow({ row, outline, choice, onChoose, onAdd }: RowProps) {
  const { t } = useTranslation('workflows');
  const shown = useShown(row, choice);
  // What no node names is a binding that the file proposes.
  const titles = row.node_ids.length === 0 ? t('pay.binding') : row.node_ids.map((id) => outline?.titles.get(id) ?? id).join(', ');
  const selector = named(row);
  return (
    <tr>
      <td>
        <span className="row min-w-0">
          <ProviderMark provider={row.provider} />
          {row.model ? <span className="b ell" title={row.model}>{row.model}</span> : <span className="t2 ell">{t('pay.anyModel')}</span>}
        </span>
      </td>
      <td className="t2 hide-m" dir="auto">
        <span className="ell block" title={titles}>
          {titles}
        </span>
      </td>
      <td>
        {row.state === 'by_variable' && selector ? (
          <span className="inp cursor-default bg-sunken">
            <span className="t3 nw">{t('pay.byVariable')}</span>
            <Selector text={selector} />
          </span>
        ) : (
          <KeyPicker
            provider={row.provider}
            model={row.model}
            label={t('pay.label', { model: row.model })}
            shown={shown}
            bad={verdict(row, choice) === 'missing'}
            onPick={(key) => onChoose({ name: key.name, kind: key.kind })}
            onAdd={() => onAdd(row.provider)}
            onClear={choice ? () => onChoose(null) : undefined}
            clearLabel={t('pay.undo')}
          />
        )}
      </td>
      <td>
        <Result row={row} choice={choice} />
      </td>
    </tr>
  );
}

type Props = { report: ReportView; outline: Outline | null; choices: Map<string, Choice>; onChoices: (choices: Map<string, Choice>) => void; onAdd: (provider: string) => void };

/** A row for each choice of a model: which key pays for it here. */
export function PaysPart({ report, outline, choices, onChoices, onAdd }: Props) {
  const { t } = useTranslation('workflows');
  const { data: credentials } = useQuery(credentialsQuery);
  const { data: pools } = useQuery(poolsQuery);
  const rows = report.credentials;
  if (rows.length === 0) return <p className="t2">{t('pay.none')}</p>;
  const paid = rows.filter((row) => verdict(row, choices.get(rowKey(row))) !== 'missing').length;
  const here = [...(credentials ?? []).map((each) => ({ ...each, kind: 'credential' as const })), ...(pools ?? []).map((each) => ({ ...each, kind: 'pool' as const }))];
  const choose = (row: ImportedCredentialView, choice: Choice | null) => {
    const next = new Map(choices);
    if (choice) next.set(rowKey(row), choice);
    else next.delete(rowKey(row));
    onChoices(next);
  };
  const found = matches(rows, here);
  return (
    <section aria-label={t('pay.title')}>
      <div className="row mb-2">
        <h2 className="nw">{t('pay.title')}</h2>
        <span className="t2 sm">{t('pay.count', { paid, count: rows.length })}</span>
        {found.size > 0 && (
          <Button size="sm" icon={WandSparkles} className="end" onClick={() => onChoices(new Map([...choices, ...found]))}>
            {t('pay.match')}
          </Button>
        )}
      </div>
      <div className="overflow-hidden rounded-[10px] border border-line">
        <table className="tbl stack map den sm:table-fixed">
          <thead>
            <tr>
              <th className="w-[25%]">{t('pay.model')}</th>
              <th className="w-[20%]">{t('pay.usedBy')}</th>
              <th>{t('pay.key')}</th>
              <th className="w-[17%]">{t('pay.result')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <PayRow key={rowKey(row)} row={row} outline={outline} choice={choices.get(rowKey(row))} onChoose={(choice) => choose(row, choice)} onAdd={onAdd} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
