import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/Button';
import { Input, Select } from '@/components/Field';
import { setDocument } from '../document/commands';
import { modeOf } from '../document/draft';
import { type JsonObject, obj, objects, str, texts } from '../document/json';
import { conversationVariables, environmentVariables } from '../document/scope';
import { useDraft, useEditor } from '../state/context';
import { Floating } from './Panel';
import { Rows, Section } from './parts';

const ENVIRONMENT = ['string', 'number', 'secret'];
const CONVERSATION = ['string', 'number', 'boolean', 'object', 'array[string]', 'array[number]', 'array[object]', 'array[boolean]'];

const written = (value: JsonObject['value']): string => (typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value));

function read(type: string, typed: string): JsonObject['value'] {
  if (type === 'string' || type === 'secret') return typed;
  try {
    return JSON.parse(typed) as JsonObject['value'];
  } catch {
    return typed;
  }
}

function List({ field, types, items }: { field: 'environment_variables' | 'conversation_variables'; types: string[]; items: JsonObject[] }) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const put = (next: JsonObject[]) => editor.apply((draft) => setDocument(draft, ['workflow', field], next), field);
  return (
    <Rows<JsonObject> items={items} off={editor.readOnly} add={t('document.add')} fresh={() => ({ id: crypto.randomUUID(), name: '', value_type: 'string', value: '', description: '' })} name={(item) => str(item.name)} onChange={put}>
      {(item, change) => (
        <div className="inbox col">
          <div className="grid grid-cols-[minmax(0,1fr)_112px] gap-2">
            <Input small mono aria-label={t('panel.name')} placeholder={t('panel.name')} disabled={editor.readOnly} value={str(item.name)} onChange={(event) => change({ ...item, name: event.target.value })} />
            <Select small aria-label={t('panel.type')} disabled={editor.readOnly} value={str(item.value_type)} onChange={(event) => change({ ...item, value_type: event.target.value })}>
              {!types.includes(str(item.value_type)) && <option>{str(item.value_type)}</option>}
              {types.map((type) => (
                <option key={type}>{type}</option>
              ))}
            </Select>
          </div>
          <Input small mono type={str(item.value_type) === 'secret' ? 'password' : 'text'} aria-label={t('branch.value')} placeholder={str(item.value_type) === 'secret' ? t('document.secret') : t('branch.value')} disabled={editor.readOnly} value={written(item.value)} onChange={(event) => change({ ...item, value: read(str(item.value_type), event.target.value) })} />
        </div>
      )}
    </Rows>
  );
}

/** What belongs to the whole workflow: its variables, and how a conversation begins. */
export function DocumentPanel() {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const draft = useDraft();
  const features = obj(obj(draft.document.workflow).features);
  const chat = modeOf(draft) === 'advanced-chat';
  const setFeature = (name: string, value: JsonObject['value']) => editor.apply((now) => setDocument(now, ['workflow', 'features', name], value), `features.${name}`);
  return (
    <Floating label={t('document.panel')}>
      <div className="ph">
        <h2 className="grow">{t('document.panel')}</h2>
        <IconButton size="sm" icon={X} label={t('close')} onClick={() => editor.open(undefined)} />
      </div>
      <div className="scroll">
        <Section title={t('document.environment')}>
          <p className="hint mt-0! mb-2">{t('document.environmentHint')}</p>
          <List field="environment_variables" types={ENVIRONMENT} items={environmentVariables(draft)} />
        </Section>
        {chat && (
          <>
            <Section title={t('document.conversation')}>
              <p className="hint mt-0! mb-2">{t('document.conversationHint')}</p>
              <List field="conversation_variables" types={CONVERSATION} items={conversationVariables(draft)} />
            </Section>
            <Section title={t('document.opening')}>
              <textarea className="inp area" rows={3} dir="auto" aria-label={t('document.opening')} disabled={editor.readOnly} value={str(features.opening_statement)} onChange={(event) => setFeature('opening_statement', event.target.value)} />
            </Section>
            <Section title={t('document.suggested')}>
              <textarea className="inp area" rows={3} dir="auto" aria-label={t('document.suggested')} placeholder={t('document.suggestedHint')} disabled={editor.readOnly} value={texts(features.suggested_questions).join('\n')} onChange={(event) => setFeature('suggested_questions', event.target.value === '' ? [] : event.target.value.split('\n'))} />
            </Section>
          </>
        )}
        {objects(obj(draft.document.workflow).rag_pipeline_variables).length > 0 && <p className="hint">{t('document.kept')}</p>}
      </div>
    </Floating>
  );
}
