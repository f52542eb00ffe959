import { Braces, Plus, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '@/components/Button';
import { Segmented, Switch } from '@/components/Choice';
import { Select } from '@/components/Field';
import { Code } from '../code/Code';
import { SelectorField } from '../code/SelectorField';
import { Template, useOffers } from '../code/Template';
import { bool, isObject, type JsonObject, obj, objects, str, texts } from '../document/json';
import { modeOf } from '../document/draft';
import { useDraft } from '../state/context';
import { JsonEditor } from './Written';
import { ModelSection } from './ModelSection';
import { type Edited, Section, TextPair } from './parts';

function Message({ edited, message, onChange, onRemove, index }: { edited: Edited; message: JsonObject; onChange: (message: JsonObject) => void; onRemove?: (() => void) | undefined; index: number }) {
  const { t } = useTranslation('editor');
  const jinja = str(message.edition_type) === 'jinja2';
  const offers = useOffers(edited.id);
  const role = str(message.role) || 'user';
  const label = t('llm.message', { role: t(`llm.role.${role}`, { defaultValue: role }), number: index + 1 });
  return (
    <div className="msg">
      <div className="row msghead">
        <select className="barsel sm b" aria-label={t('llm.roleOf', { number: index + 1 })} disabled={edited.off} value={role} onChange={(event) => onChange({ ...message, role: event.target.value })}>
          {['system', 'user', 'assistant'].map((each) => (
            <option key={each} value={each}>
              {t(`llm.role.${each}`)}
            </option>
          ))}
        </select>
        <span className="end row g4">
          <Button size="sm" kind="ghost" disabled={edited.off} aria-pressed={jinja} title={t('llm.jinja')} icon={Braces} aria-label={t('llm.jinja')} className={jinja ? 'text-accent-text ic' : 'ic'}
            onClick={() => onChange(jinja ? { ...message, edition_type: 'basic', text: str(message.jinja2_text) || str(message.text) } : { ...message, edition_type: 'jinja2', jinja2_text: str(message.text) })} />
          {onRemove !== undefined && !edited.off && <IconButton size="sm" icon={Trash2} label={t('panel.remove', { name: label })} onClick={onRemove} />}
        </span>
      </div>
      {jinja ? (
        <Code language="jinja" label={label} value={str(message.jinja2_text)} readOnly={edited.off} offers={offers} onChange={(text) => onChange({ ...message, jinja2_text: text, text })} />
      ) : (
        <Template bare node={edited.id} label={label} value={str(message.text)} onChange={(text) => onChange({ ...message, text })} />
      )}
    </div>
  );
}

/** The messages of a prompt; a completion model has one text. */
function Prompt({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const whole = edited.data.prompt_template;
  if (isObject(whole)) {
    return (
      <Section title={t('llm.prompt')}>
        <div className="msg">
          <Template bare node={edited.id} label={t('llm.prompt')} value={str(whole.text)} onChange={(text) => edited.set(['prompt_template', 'text'], text)} />
        </div>
      </Section>
    );
  }
  const messages = objects(whole);
  return (
    <Section
      title={t('llm.prompt')}
      aside={!edited.off && (
        <Button size="sm" kind="ghost" icon={Plus} onClick={() => edited.set(['prompt_template'], [...messages, { role: messages.at(-1)?.role === 'user' ? 'assistant' : 'user', text: '' }])}>
          {t('llm.addMessage')}
        </Button>
      )}
    >
      <div className="col">
        {messages.map((message, index) => (
          <Message
            key={str(message.id) || index}
            edited={edited}
            message={message}
            index={index}
            onChange={(next) => edited.set(['prompt_template', index], next)}
            onRemove={messages.length > 1 ? () => edited.set(['prompt_template'], messages.filter((_, at) => at !== index)) : undefined}
          />
        ))}
      </div>
    </Section>
  );
}

export function LlmSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const chat = modeOf(useDraft()) === 'advanced-chat';
  const { data, set } = edited;
  const context = obj(data.context);
  const vision = obj(data.vision);
  const memory = isObject(data.memory) ? data.memory : undefined;
  const structured = bool(data.structured_output_switch_on) || bool(data.structured_output_enabled);
  return (
    <>
      <ModelSection node={edited.id} model={obj(data.model)} onChange={(model) => set(['model'], model)} />
      <Prompt edited={edited} />
      <Section title={t('llm.knows')}>
        <div className="col">
          <Switch label={t('llm.context')} hint={t('llm.contextHint', { placeholder: '{{#context#}}' })} checked={bool(context.enabled)} disabled={edited.off} onChange={(on) => set(['context', 'enabled'], on)} />
          {bool(context.enabled) && <SelectorField node={edited.id} label={t('llm.context')} value={texts(context.variable_selector)} onChange={(selector) => set(['context', 'variable_selector'], selector)} />}
          {chat && (
            <Switch label={t('llm.memory')} hint={t('llm.memoryHint')} checked={memory !== undefined} disabled={edited.off}
              onChange={(on) => set(['memory'], on ? { window: { enabled: true, size: 10 }, query_prompt_template: '{{#sys.query#}}' } : undefined)} />
          )}
          {memory !== undefined && (
            <>
              <TextPair edited={edited} path={['memory', 'window', 'size']} label={t('llm.window')} numeric />
              <Template node={edited.id} label={t('llm.query')} value={str(memory.query_prompt_template)} onChange={(text) => set(['memory', 'query_prompt_template'], text)} />
            </>
          )}
          <Switch label={t('llm.vision')} checked={bool(vision.enabled)} disabled={edited.off} onChange={(on) => set(['vision'], on ? { enabled: true, configs: { variable_selector: ['sys', 'files'], detail: 'high' } } : { ...vision, enabled: false })} />
          {bool(vision.enabled) && (
            <div className="row">
              <SelectorField node={edited.id} type="" label={t('llm.vision')} value={texts(obj(vision.configs).variable_selector)} onChange={(selector) => set(['vision', 'configs', 'variable_selector'], selector)} />
              <Segmented label={t('llm.detail')} value={str(obj(vision.configs).detail) === 'low' ? 'low' : 'high'} disabled={edited.off} onChange={(detail) => set(['vision', 'configs', 'detail'], detail)} options={[{ value: 'low', label: t('llm.low') }, { value: 'high', label: t('llm.high') }]} />
            </div>
          )}
        </div>
      </Section>
      <Section title={t('llm.output')}>
        <div className="col">
          <Switch label={t('llm.structured')} hint={t('llm.structuredHint')} checked={structured} disabled={edited.off}
            onChange={(on) => edited.replace({ ...data, structured_output_switch_on: on, ...(on && !isObject(data.structured_output) ? { structured_output: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false } } } : {}) })} />
          {structured && <JsonEditor value={obj(obj(data.structured_output).schema)} label={t('llm.schema')} off={edited.off} onChange={(schema) => set(['structured_output', 'schema'], schema)} />}
          <div className="row min-h-8">
            <label className="t2 sm grow" htmlFor={`${edited.id}-reasoning`}>{t('llm.reasoning')}</label>
            <Select small id={`${edited.id}-reasoning`} className="w-[176px]! flex-none" disabled={edited.off} value={str(data.reasoning_format) === 'separated' ? 'separated' : 'tagged'} onChange={(event) => set(['reasoning_format'], event.target.value)}>
              <option value="tagged">{t('llm.tagged')}</option>
              <option value="separated">{t('llm.separated')}</option>
            </Select>
          </div>
        </div>
      </Section>
    </>
  );
}
