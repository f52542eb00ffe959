import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowDown, Layers, Lock, Plus, X } from 'lucide-react';
import { Switch as RadixSwitch } from 'radix-ui';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { credentialsQuery, poolsQuery } from '@/api/queries';
import { Segmented } from '@/components/Choice';
import { Button, IconButton } from '@/components/Button';
import { CredentialName, last4 } from '@/components/CredentialName';
import { NewCredential } from '@/components/credentials/NewCredential';
import { Select } from '@/components/Field';
import { Icon } from '@/components/Icon';
import { LevelBadge } from '@/components/LevelBadge';
import { useForbidden } from '@/components/May';
import { Note } from '@/components/Note';
import { ProblemNote } from '@/components/Problem';
import { cx } from '@/util/cx';
import { Template } from '../code/Template';
import { bool, type JsonObject, str } from '../document/json';
import { placeholders } from '../document/template';
import { providerOf } from '../models';
import { useEditor } from '../state/context';
import { fallbackOf, type Mode, modeOf, withFallback, withLock, withName, withoutChoice, withOnEmpty } from './choice';
import { Inherited } from './Inherited';
import { KeyPicker } from './KeyPicker';
import { Preview } from './Preview';
import { useResolved } from './resolve';
import { allows, patternOf, useChangeSettings, useSettings } from './settings';
import { CredentialStanding } from './Standing';
import type { CredentialView, PoolView } from '@latchkey/client';

type Props = {
  node: string;
  /** The object of the document that names the model. */
  model: JsonObject;
  onChange: (model: JsonObject, about?: string) => void;
};

function PoolMode({ pools, credentials, name, onPick, disabled }: { pools: readonly PoolView[]; credentials: readonly CredentialView[] | undefined; name: string; onPick: (name: string) => void; disabled: boolean }) {
  const { t } = useTranslation('editor');
  const pool = pools.find((each) => each.name === name);
  return (
    <>
      <div className="row">
        <Icon of={Layers} size="s" className="text-key-glyph" />
        <Select value={name} disabled={disabled} aria-label={t('who.pool')} onChange={(event) => onPick(event.target.value)}>
          <option value="">{pools.length === 0 ? t('who.noPools') : t('who.choosePool')}</option>
          {pools.map((each) => (
            <option key={each.id} value={each.name}>
              {each.name} · {t(`who.strategy.${each.strategy}`, { defaultValue: each.strategy })}
            </option>
          ))}
        </Select>
      </div>
      {pool !== undefined && (
        <>
          <div className="pv mt-2">
            {pool.members.map((member, index) => {
              const credential = credentials?.find((each) => each.id === member.credential_id);
              return (
                <div className="pr poolrow" key={member.credential_id}>
                  <span className="t3 num">{index + 1}</span>
                  <CredentialName provider={pool.provider} name={member.credential_name} last4={credential === undefined ? undefined : last4(credential)} />
                  {credential === undefined ? <span /> : <CredentialStanding credential={credential} />}
                </div>
              );
            })}
          </div>
          <p className="hint">{t('who.poolHint')}</p>
        </>
      )}
    </>
  );
}

function Fallback({ names, options, onChange, disabled }: { names: readonly string[]; options: readonly string[]; onChange: (names: string[]) => void; disabled: boolean }) {
  const { t } = useTranslation('editor');
  const free = options.filter((name) => !names.includes(name));
  return (
    <ol className="pv mb-1">
      {names.map((name, index) => (
        <li className="pr poolrow" key={name}>
          <span className="t3 num">{index + 1}</span>
          <span className={cx('mono sm ell', !options.includes(name) && 'text-err')}>{name}</span>
          {!disabled && (
            <span className="row g4">
              {index + 1 < names.length && (
                <IconButton size="sm" icon={ArrowDown} label={t('who.later', { name })} onClick={() => onChange(names.map((each, at) => (at === index ? (names[index + 1] ?? each) : at === index + 1 ? name : each)))} />
              )}
              <IconButton size="sm" icon={X} label={t('who.without', { name })} onClick={() => onChange(names.filter((each) => each !== name))} />
            </span>
          )}
        </li>
      ))}
      {free.length > 0 && !disabled && (
        <li className="pr poolrow">
          <Icon of={Plus} size="xs" className="t3" />
          <Select small value="" aria-label={t('who.addFallback')} onChange={(event) => onChange([...names, event.target.value])}>
            <option value="">{t('who.addFallback')}</option>
            {free.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        </li>
      )}
    </ol>
  );
}

/** A name that a run decides has to be one that runs may choose: what is missing is allowed with one click. */
function MayChoose({ template }: { template: string }) {
  const { t } = useTranslation('editor');
  const { data } = useSettings();
  const forbidden = useForbidden('credentials:bind');
  const change = useChangeSettings();
  const allowed = data?.data.runtime_allow ?? [];
  if (data === undefined || placeholders(template).every(({ selector }) => selector[0] === 'env') || allows(allowed, template)) return null;
  const pattern = patternOf(template);
  return (
    <Note
      tone="warn"
      className="mt-2"
      title={t('who.mayNot')}
      action={
        <Button size="sm" busy={change.isPending} forbidden={forbidden} onClick={() => change.mutate({ body: { ...data.data, runtime_allow: [...allowed, pattern] }, etag: data.etag })}>
          {t('who.allow', { pattern })}
        </Button>
      }
    >
      {t('who.mayNotText')} {change.error !== null && <ProblemNote error={change.error} />}
    </Note>
  );
}

/** *Who pays*: the four ways to say it, what follows from them now, and the three lines about what may go wrong. */
export function WhoPays({ node, model, onChange }: Props) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const ids = useId();
  const written = str(model.provider);
  const provider = providerOf(model);
  const name = str(model.name) || str(model.model);
  const { data: credentials } = useQuery(credentialsQuery);
  const { data: allPools } = useQuery(poolsQuery);
  const pools = (allPools ?? []).filter((pool) => pool.provider === provider || pool.provider === written);
  const here = (credentials ?? []).filter((credential) => (credential.provider === provider || credential.provider === written) && (credential.model == null || credential.model === name));
  const said = str(model.credential_name) || str(model.credential_id);
  const inDocument = modeOf(model, (pool) => pools.some((each) => each.name === pool));
  const [chosen, setChosen] = useState<Mode>();
  // What was entered in the other ways stays until the panel closes.
  const [entries, setEntries] = useState<Partial<Record<Mode, string>>>({});
  const [listing, setListing] = useState(false);
  const [adding, setAdding] = useState<string>();
  const client = useQueryClient();
  const mode = chosen ?? inDocument;
  const { row } = useResolved(node, name);
  const level = row?.resolution?.level ?? row?.failure?.level;
  const off = editor.readOnly;
  const fallback = fallbackOf(model);
  const byList = listing || fallback.length > 0;

  const turn = (next: Mode) => {
    setEntries((old) => ({ ...old, [mode]: said }));
    setChosen(next);
    if (next === 'inherited') onChange(withoutChoice(model));
    else if (entries[next] !== undefined && entries[next] !== '') onChange(withName(model, entries[next]));
  };
  const say = (value: string, about?: string) => onChange(withName(model, value), about);

  return (
    <section className="sec" aria-labelledby={`${ids}-h`}>
      <div className="h">
        <h3 id={`${ids}-h`}>{t('who.title')}</h3>
        <span className="end">
          {level != null ? <LevelBadge level={level} failed={row?.outcome === 'failed' && !(mode === 'variable' && row.code === 'credential_selector_empty')} long /> : row?.outcome === 'not_needed' ? <span className="lv">{t('who.noKeyNeeded')}</span> : null}
        </span>
      </div>
      <Segmented<Mode>
        label={t('who.title')}
        value={mode}
        disabled={off}
        onChange={turn}
        className="mb-3"
        options={[
          { value: 'inherited', label: t('who.mode.inherited') },
          { value: 'credential', label: t('who.mode.credential') },
          { value: 'pool', label: t('who.mode.pool') },
          { value: 'variable', label: t('who.mode.variable') },
        ]}
      />
      {mode === 'inherited' && <Inherited node={node} model={name} credentials={credentials} />}
      {mode === 'credential' && (
        <KeyPicker provider={provider} workflow={editor.workflow} credentials={here} value={inDocument === 'credential' ? said : ''} disabled={off} label={t('who.key')} onPick={(credential) => say(credential.name)} onAdd={() => setAdding('')} />
      )}
      {mode === 'pool' && <PoolMode pools={pools} credentials={credentials} name={inDocument === 'pool' ? said : ''} disabled={off} onPick={say} />}
      {mode === 'variable' && (
        <>
          <div className="lab">{t('who.name')}</div>
          <Template node={node} single label={t('who.name')} placeholder="customer-{{" value={inDocument === 'variable' ? said : (entries.variable ?? '')} onChange={(value) => say(value, `who:${node}`)} />
          {inDocument === 'variable' && <MayChoose template={said} />}
          <Preview node={node} model={name} template={said} credentials={credentials} onAdd={setAdding} />
        </>
      )}
      <div className="mt-2.5">
        {mode === 'variable' && (
          <div className="row min-h-8">
            <label className="t2 sm grow" htmlFor={`${ids}-empty`}>
              {t('who.ifEmpty')}
            </label>
            <Select small id={`${ids}-empty`} className="w-[156px]! flex-none" disabled={off} value={str(model.credential_on_empty) === 'next' ? 'next' : 'fail'} onChange={(event) => onChange(withOnEmpty(model, event.target.value === 'next'))}>
              <option value="fail">{t('who.failRun')}</option>
              <option value="next">{t('who.useNext')}</option>
            </Select>
          </div>
        )}
        {mode !== 'inherited' && (
          <>
            <div className="row min-h-8">
              <label className="t2 sm grow" htmlFor={`${ids}-fallback`}>
                {mode === 'pool' ? t('who.ifPool') : t('who.ifUnusable')}
              </label>
              <Select
                small
                id={`${ids}-fallback`}
                className="w-[156px]! flex-none"
                disabled={off}
                value={byList ? 'list' : 'fail'}
                onChange={(event) => {
                  setListing(event.target.value === 'list');
                  if (event.target.value === 'fail') onChange(withFallback(model, []));
                }}
              >
                <option value="fail">{mode === 'pool' ? t('who.failRun') : t('who.failNoOther')}</option>
                <option value="list">{t('who.tryThese')}</option>
              </Select>
            </div>
            {byList && (
              <Fallback names={fallback} disabled={off} options={[...pools.map((pool) => pool.name), ...here.map((credential) => credential.name)].filter((each) => each !== said)} onChange={(names) => onChange(withFallback(model, names))} />
            )}
          </>
        )}
        <div className="row min-h-8">
          <label className="t2 sm grow" htmlFor={`${ids}-lock`}>
            <Icon of={Lock} size="xs" /> {t('who.lock')}
          </label>
          <RadixSwitch.Root id={`${ids}-lock`} className={cx('sw', bool(model.credential_locked) && 'on')} checked={bool(model.credential_locked)} disabled={off} onCheckedChange={(locked) => onChange(withLock(model, locked))} />
        </div>
        {off && <p className="hint">{t('who.viewer')}</p>}
      </div>
      {adding !== undefined && (
        <NewCredential
          provider={provider}
          name={adding}
          onClose={() => setAdding(undefined)}
          onMade={(made) => {
            setAdding(undefined);
            void client.invalidateQueries({ queryKey: ['credentials'] });
            void client.invalidateQueries({ queryKey: ['resolve'] });
            if (mode === 'credential') say(made.name);
          }}
        />
      )}
    </section>
  );
}
