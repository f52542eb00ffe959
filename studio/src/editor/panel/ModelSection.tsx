import { useQuery } from '@tanstack/react-query';
import { ChevronDown, Search, SlidersHorizontal } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { providersQuery } from '@/api/queries';
import { Button } from '@/components/Button';
import { Input } from '@/components/Field';
import { Icon } from '@/components/Icon';
import { ProviderMark } from '@/components/ProviderMark';
import { cx } from '@/util/cx';
import { short } from '@/util/format';
import { type JsonObject, num, obj, str, text } from '../document/json';
import { findProvider, modelsOf, providerOf } from '../models';
import { useEditor } from '../state/context';
import { WhoPays } from '../who/WhoPays';
import { Section } from './parts';

type Props = { node: string; model: JsonObject; onChange: (model: JsonObject, about?: string) => void; type?: string; title?: string };

function ModelList({ onPick, type, chosen }: { onPick: (provider: string, model: string) => void; type: string; chosen: JsonObject }) {
  const { t } = useTranslation('editor');
  const { data: providers } = useQuery(providersQuery);
  const [typed, setTyped] = useState('');
  const wanted = typed.trim().toLowerCase();
  const groups = (providers ?? [])
    .map((provider) => ({ provider, models: modelsOf(provider, type).filter((model) => `${provider.label} ${model.name}`.toLowerCase().includes(wanted)) }))
    .filter((group) => group.models.length > 0);
  const own = wanted !== '' && str(chosen.provider) !== '' && !groups.some((group) => group.models.some((model) => model.name === typed.trim()));
  return (
    <>
      <div className="row px-2 py-1.5">
        <Icon of={Search} size="s" className="t3" />
        <input className="bare" autoFocus value={typed} placeholder={t('model.find')} aria-label={t('model.find')} onChange={(event) => setTyped(event.target.value)} />
      </div>
      <div className="addlist" role="listbox" aria-label={t('model.title')}>
        {groups.map(({ provider, models }) => (
          <div role="group" aria-label={provider.label} key={provider.id}>
            <div className="gh" aria-hidden="true">{provider.label}</div>
            {models.slice(0, 40).map((model) => {
              const on = model.name === str(chosen.name) && provider.id === providerOf(chosen);
              return (
                <button type="button" role="option" aria-selected={on} key={model.name} className={cx('it w-full text-left', on && 'on')} onClick={() => onPick(provider.id, model.name)}>
                  <ProviderMark provider={provider.id} />
                  <span className="b ell">{model.name}</span>
                  {model.context !== undefined && <span className="end t3 sm">{short(model.context)}</span>}
                </button>
              );
            })}
          </div>
        ))}
        {own && (
          <button type="button" role="option" aria-selected={false} className="it w-full text-left" onClick={() => onPick(str(chosen.provider), typed.trim())}>
            <ProviderMark provider={providerOf(chosen)} />
            <span>{t('model.own', { name: typed.trim() })}</span>
          </button>
        )}
      </div>
    </>
  );
}

const PARAMETERS: { name: string; step: number; most: number }[] = [
  { name: 'temperature', step: 0.1, most: 2 },
  { name: 'top_p', step: 0.05, most: 1 },
  { name: 'max_tokens', step: 1, most: 1_000_000 },
  { name: 'presence_penalty', step: 0.1, most: 2 },
  { name: 'frequency_penalty', step: 0.1, most: 2 },
];

function Parameters({ model, onChange }: { model: JsonObject; onChange: Props['onChange'] }) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const parameters = obj(model.completion_params);
  const set = (name: string, typed: string) => {
    const { [name]: _old, ...rest } = parameters;
    const number = Number(typed);
    if (typed !== '' && !Number.isFinite(number)) return;
    onChange({ ...model, completion_params: typed === '' ? rest : { ...rest, [name]: number } }, `parameter:${name}`);
  };
  const others = Object.entries(parameters).filter(([name]) => !PARAMETERS.some((known) => known.name === name));
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button className="h-8!" icon={SlidersHorizontal} aria-label={t('model.parameters')}>
          {text(parameters.temperature) || <span className="vh">{t('model.parameters')}</span>}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="pop w-[280px] p-3!" align="end" sideOffset={4} aria-label={t('model.parameters')}>
          {PARAMETERS.map(({ name, step, most }) => (
            <label className="row min-h-9" key={name}>
              <span className="grow sm t2">{t(`model.parameter.${name}`)}</span>
              <Input small type="number" className="w-24! flex-none" min={name.includes('penalty') ? -most : 0} max={most} step={step} disabled={editor.readOnly} value={num(parameters[name]) ?? ''} placeholder="—" onChange={(event) => set(name, event.target.value)} />
            </label>
          ))}
          {others.map(([name, value]) => (
            <div className="row min-h-7" key={name}>
              <span className="grow sm t2 mono">{name}</span>
              <span className="sm mono ell">{JSON.stringify(value)}</span>
            </div>
          ))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** Model and who pays for it: two sections that belong together in every node that asks a model. */
export function ModelSection({ node, model, onChange, type = 'llm', title }: Props) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const [open, setOpen] = useState(false);
  const { data: providers } = useQuery(providersQuery);
  const provider = findProvider(providers, str(model.provider));
  const name = str(model.name) || str(model.model);
  const known = modelsOf(provider, type).find((each) => each.name === name);
  const field = model.name === undefined && model.model !== undefined ? 'model' : 'name';
  const pick = (id: string, chosen: string) => {
    // The plugin's long name stays as long as it is the same provider, so that the file can go back to Dify.
    const same = id === provider?.id || id === str(model.provider);
    onChange({ ...model, provider: same ? str(model.provider) || id : id, [field]: chosen, ...(type === 'llm' && model.mode === undefined ? { mode: 'chat' } : {}) });
    setOpen(false);
  };
  const facts = [str(model.mode) === 'completion' ? t('model.completion') : type === 'llm' ? t('model.chat') : '', known?.context === undefined ? '' : short(known.context)].filter(Boolean).join(' · ');
  return (
    <>
      <Section title={title ?? t('model.title')}>
        <div className="row">
          <Popover.Root open={open} onOpenChange={setOpen}>
            <Popover.Trigger asChild>
              <button type="button" className={cx('inp selfield grow', open && 'focus')} disabled={editor.readOnly} aria-label={`${t('model.title')}: ${name || t('model.choose')}`}>
                {name === '' ? <span className="ph">{t('model.choose')}</span> : (
                  <>
                    <ProviderMark provider={providerOf(model)} />
                    <span className="b ell">{name}</span>
                    <span className="t3 sm nw">{facts}</span>
                  </>
                )}
                <span className="end">
                  <Icon of={ChevronDown} size="s" />
                </span>
              </button>
            </Popover.Trigger>
            <Popover.Portal>
              <Popover.Content className="pop keymenu" align="start" sideOffset={4} collisionPadding={8} aria-label={t('model.title')}>
                <ModelList onPick={pick} type={type} chosen={model} />
              </Popover.Content>
            </Popover.Portal>
          </Popover.Root>
          {type === 'llm' && <Parameters model={model} onChange={onChange} />}
        </div>
        {provider === undefined && name !== '' && providers !== undefined && <p className="hint text-warn">{t('model.unknownProvider', { provider: str(model.provider) })}</p>}
      </Section>
      {name !== '' && <WhoPays key={`${node}/${str(model.provider)}`} node={node} model={model} onChange={onChange} />}
    </>
  );
}
