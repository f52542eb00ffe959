import type { CredentialView } from '@latchkey/client';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CredentialName, last4 } from '@/components/CredentialName';
import { Input } from '@/components/Field';
import { type JsonObject, objects, str, text } from '../document/json';
import { kindOf } from '../document/draft';
import { readable } from '../document/scope';
import { placeholders } from '../document/template';
import { useDraft } from '../state/context';
import { type Ask, distinct, useLastInputs, useResolvedEach } from './resolve';
import { CredentialStanding, useLimits, WouldFail } from './Standing';
import type { ResolveRow } from '@latchkey/client';

type RowProps = { shown: string; row: ResolveRow | undefined; pending: boolean; credentials: readonly CredentialView[] | undefined; onAdd: (name: string) => void };

function Row({ shown, row, pending, credentials, onAdd }: RowProps) {
  const { t } = useTranslation('editor');
  const draft = useDraft();
  const limits = useLimits();
  const id = row?.resolution?.credential_id ?? row?.failure?.credential_id;
  const credential = credentials?.find((each) => each.id === id);
  const rendered = row?.resolution?.credential_name ?? row?.failure?.credential_name ?? row?.failure?.selector_rendered ?? '';
  const unknown = row?.code === 'credential_not_found';
  const depends = (row?.depends_on ?? []).map((output) => readable(draft, output.split('.')).node);
  return (
    <div className="pr">
      <span className="mono ell" title={shown}>
        {shown}
      </span>
      <span className="min-w-0">
        {pending && <span className="sk late block h-3 w-32" />}
        {row?.outcome === 'depends_on' && <span className="t2">{t('who.depends', { on: depends.join(', ') })}</span>}
        {row?.outcome === 'not_needed' && <span className="t2">{t('who.notNeeded')}</span>}
        {row !== undefined && rendered !== '' && (
          <span className="block">
            {unknown ? (
              <span className="kn">
                <span className="nm text-err">{rendered}</span>
              </span>
            ) : (
              <CredentialName provider={row.provider} name={row.resolution?.pool?.name ?? rendered} pool={row.resolution?.pool != null} last4={credential === undefined ? undefined : last4(credential)} />
            )}
          </span>
        )}
        {row?.outcome === 'resolved' && credential !== undefined && (
          <span className="row g6 xs num wrap mt-0.5">
            <CredentialStanding credential={credential} />
            <span className="t3">{limits(credential)}</span>
          </span>
        )}
        {row?.outcome === 'failed' && (
          <span className="row g6 xs wrap mt-0.5">{unknown ? <span className="t3">{t('who.notFound')}</span> : <WouldFail row={row} />}</span>
        )}
      </span>
      {unknown ? (
        <button type="button" className="link sm nw" onClick={() => onAdd(rendered)}>
          {t('who.addKey')}
        </button>
      ) : (
        <span />
      )}
    </div>
  );
}

/** Which key each customer of the last runs would be paid by: the server's dry run, never the browser's guess. */
export function Preview({ node, model, template, credentials, onAdd }: { node: string; model: string; template: string; credentials: readonly CredentialView[] | undefined; onAdd: (name: string) => void }) {
  const { t } = useTranslation('editor');
  const draft = useDraft();
  const { data: runs } = useLastInputs();
  const start = draft.nodes.find((each) => kindOf(each) === 'start');
  const names = [...new Set(placeholders(template).flatMap(({ selector }) => (selector[0] === start?.id || selector[0] === 'start' ? (selector[1] ?? []) : [])))];
  const [trying, setTrying] = useState(false);
  const [tried, setTried] = useState<JsonObject>({});
  const asked = useDeferredValue(tried);
  const seen = distinct(runs ?? [], names);
  const examples: JsonObject = Object.fromEntries(
    objects(start?.data.variables).filter((item) => text(item.default) !== '').map((item) => [str(item.variable), item.default]),
  );
  const wantsTry = trying || (runs !== undefined && seen.length === 0 && names.length > 0);
  const hasTried = names.some((name) => text(asked[name]) !== '');
  const asks: { shown: string; ask: Ask }[] = [
    ...(wantsTry && hasTried ? [{ shown: names.map((name) => text(asked[name])).join(' · '), ask: { inputs: { ...examples, ...asked } } }] : []),
    ...seen.map((row) => ({ shown: row.shown, ask: { inputs: row.inputs } })),
    ...(seen.length === 0 && !hasTried && names.some((name) => text(examples[name]) !== '')
      ? [{ shown: names.map((name) => text(examples[name])).join(' · '), ask: { inputs: examples } }]
      : []),
    ...(names.length === 0 ? [{ shown: t('who.any'), ask: {} }] : []),
  ];
  const rows = useResolvedEach(node, model, asks.map(({ ask }) => ask));
  return (
    <>
      <div className="row mt-3.5 mb-1.5">
        <span className="lab mb-0">{t('who.preview')}</span>
        <span className="t3 sm ell">{seen.length > 0 ? t('who.ofLastRuns', { name: names.join(', ') }) : ''}</span>
        {names.length > 0 && !wantsTry && (
          <button type="button" className="link sm end nw" onClick={() => setTrying(true)}>
            {t('who.try')}
          </button>
        )}
      </div>
      {wantsTry &&
        names.map((name) => (
          <label className="row mb-1.5" key={name}>
            <span className="mono sm ell w-24 flex-none">{name}</span>
            <Input small mono value={text(tried[name])} placeholder={t('who.tryValue')} onChange={(event) => setTried((old) => ({ ...old, [name]: event.target.value }))} />
          </label>
        ))}
      {asks.length > 0 && (
        <div className="pv" aria-live="polite">
          <div className="pr hd">
            <span className="mono ell">{names.join(' · ') || '—'}</span>
            <span>{t('who.wouldPay')}</span>
            <span />
          </div>
          {asks.map(({ shown }, index) => (
            <Row key={shown} shown={shown} row={rows[index]?.row} pending={rows[index]?.pending ?? true} credentials={credentials} onAdd={onAdd} />
          ))}
        </div>
      )}
    </>
  );
}
