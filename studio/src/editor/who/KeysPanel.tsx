import type { BindingBody, SettingsBody } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { credentialsQuery, providersQuery } from '@/api/queries';
import { Button, IconButton } from '@/components/Button';
import { CredentialName, last4 } from '@/components/CredentialName';
import { Input, Select } from '@/components/Field';
import { KeyPicker } from '@/components/KeyPicker';
import { useForbidden } from '@/components/May';
import { ProblemNote } from '@/components/Problem';
import { SkeletonRows } from '@/components/Skeleton';
import { toast } from '@/components/Toast';
import { Floating } from '../panel/Panel';
import { Pair, Rows, Section } from '../panel/parts';
import { useEditor } from '../state/context';
import { useChangeSettings, useSettings } from './settings';

const ENVIRONMENTS = ['production', 'staging', 'development'];
const WEAKEST = ['system', 'workspace_default', 'workspace_model_default', 'workflow_binding', 'node'];
const OVERRIDES = ['none', 'named', 'inline'];

function Binding({ binding, off, change }: { binding: BindingBody; off: boolean; change: (binding: BindingBody) => void }) {
  const { t } = useTranslation('editor');
  const { data: providers } = useQuery(providersQuery);
  const { data: credentials } = useQuery(credentialsQuery);
  const chosen = credentials?.find((each) => (binding.credential_id ? each.id === binding.credential_id : each.provider === binding.provider && each.name === binding.credential_name));
  const name = chosen?.name ?? binding.credential_name ?? '';
  const choices = (providers ?? []).filter((each) => each.secrets !== 'never').sort((a, b) => a.label.localeCompare(b.label));
  return (
    <div className="inbox col">
      <div className="grid grid-cols-2 gap-2">
        <Select small aria-label={t('keys.provider')} disabled={off} value={binding.provider} onChange={(event) => change({ provider: event.target.value, environment: binding.environment })}>
          {!choices.some((each) => each.id === binding.provider) && <option value={binding.provider}>{binding.provider}</option>}
          {choices.map((each) => (
            <option key={each.id} value={each.id}>
              {each.label}
            </option>
          ))}
        </Select>
        <Select small aria-label={t('keys.environment')} disabled={off} value={binding.environment ?? ''} onChange={(event) => change({ ...binding, environment: event.target.value || null })}>
          <option value="">{t('keys.everywhere')}</option>
          {[...new Set([...ENVIRONMENTS, ...(binding.environment ? [binding.environment] : [])])].map((each) => (
            <option key={each}>{each}</option>
          ))}
        </Select>
      </div>
      <Input small mono aria-label={t('keys.model')} placeholder={t('keys.anyModel')} disabled={off} value={binding.model ?? ''} onChange={(event) => change({ ...binding, model: event.target.value || null })} />
      <KeyPicker
        provider={binding.provider}
        label={t('keys.key', { provider: binding.provider })}
        disabled={off}
        bad={name === ''}
        shown={name === '' ? <span className="t3">{t('who.choose')}</span> : <CredentialName provider={binding.provider} name={name} last4={chosen ? last4(chosen) : null} />}
        onPick={(key) => change({ provider: binding.provider, environment: binding.environment, model: binding.model, credential_name: key.name })}
      />
    </div>
  );
}

function Form({ settings, etag }: { settings: SettingsBody; etag: string | null }) {
  const { t } = useTranslation(['editor', 'common']);
  const [body, setBody] = useState(settings);
  const forbidden = useForbidden('credentials:bind');
  const off = !!forbidden;
  const save = useChangeSettings(() => toast(t('keys.saved')));
  const set = (next: Partial<SettingsBody>) => setBody({ ...body, ...next });
  const patterns = body.runtime_allow ?? [];
  const changed = JSON.stringify(body) !== JSON.stringify(settings);
  const complete = (body.bindings ?? []).every((each) => each.credential_name || each.credential_id);
  return (
    <>
      <div className="scroll">
        <Section title={t('keys.bindings')}>
          <p className="hint mt-0! mb-2">{t('keys.bindingsHint')}</p>
          <Rows<BindingBody> items={body.bindings ?? []} off={off} add={t('keys.addBinding')} fresh={() => ({ provider: 'openai' })} name={(each) => each.credential_name ?? each.provider} onChange={(bindings) => set({ bindings })}>
            {(binding, change) => <Binding binding={binding} off={off} change={change} />}
          </Rows>
        </Section>
        <Section title={t('keys.allow')}>
          <p className="hint mt-0! mb-2">{t('keys.allowHint')}</p>
          <Rows<string> items={patterns} off={off} add={t('keys.addPattern')} fresh={() => ''} name={(each) => each} onChange={(next) => set({ runtime_allow: next })}>
            {(pattern, change) => <Input small mono aria-label={t('keys.pattern')} placeholder="customer-*" disabled={off} value={pattern} onChange={(event) => change(event.target.value)} />}
          </Rows>
          <Pair label={t('keys.override')}>
            {(id) => (
              <Select small id={id} disabled={off} value={body.runtime_override ?? 'none'} onChange={(event) => set({ runtime_override: event.target.value })}>
                {OVERRIDES.map((each) => (
                  <option key={each} value={each}>
                    {t(`keys.overrides.${each}`)}
                  </option>
                ))}
              </Select>
            )}
          </Pair>
        </Section>
        <Section title={t('keys.weakest')}>
          <p className="hint mt-0! mb-2">{t('keys.weakestHint')}</p>
          <Select small aria-label={t('keys.weakest')} disabled={off} value={body.weakest ?? 'system'} onChange={(event) => set({ weakest: event.target.value })}>
            {!WEAKEST.includes(body.weakest ?? 'system') && <option>{body.weakest}</option>}
            {WEAKEST.map((each) => (
              <option key={each} value={each}>
                {t(`keys.levels.${each}`)}
              </option>
            ))}
          </Select>
        </Section>
      </div>
      <div className="pfoot col">
        {save.error !== null && <ProblemNote error={save.error} title={t('keys.notSaved')} />}
        <div className="row">
          <span className="t3 sm grow">{t('keys.live')}</span>
          <Button size="sm" kind="primary" busy={save.isPending} disabled={!changed || !complete} forbidden={forbidden} onClick={() => save.mutate({ body: { ...body, runtime_allow: patterns.map((each) => each.trim()).filter(Boolean) }, etag })}>
            {t('common:save')}
          </Button>
        </div>
      </div>
    </>
  );
}

/** Who pays in this workflow where its nodes say nothing, and what its runs may choose. */
export function KeysPanel() {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const { data, error, refetch } = useSettings();
  return (
    <Floating label={t('keys.title')}>
      <div className="ph">
        <h2 className="grow">{t('keys.title')}</h2>
        <IconButton size="sm" icon={X} label={t('close')} onClick={() => editor.open(undefined)} />
      </div>
      {error !== null && <ProblemNote error={error} retry={() => void refetch()} className="m-3" />}
      {data === undefined && error === null && <SkeletonRows rows={4} />}
      {data !== undefined && <Form key={data.etag} settings={data.data} etag={data.etag} />}
    </Floating>
  );
}
