import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/Button';
import { Checkbox } from '@/components/Choice';
import { Input, Select } from '@/components/Field';
import { renameReferences } from '../document/commands';
import { bool, type JsonObject, num, objects, str, text, texts } from '../document/json';
import { useEditor } from '../state/context';
import { type Edited, Rows, Section } from './parts';

const TYPES = ['text-input', 'paragraph', 'select', 'number', 'checkbox', 'file', 'file-list', 'json_object'];

function More({ item, change, off }: { item: JsonObject; change: (item: JsonObject) => void; off: boolean }) {
  const { t } = useTranslation('editor');
  const type = str(item.type);
  return (
    <div className="col pt-2">
      <Input small aria-label={t('start.label')} placeholder={t('start.label')} disabled={off} value={str(item.label)} onChange={(event) => change({ ...item, label: event.target.value })} />
      {type === 'select' && (
        <textarea className="inp area" rows={3} aria-label={t('start.options')} placeholder={t('start.options')} disabled={off} value={texts(item.options).join('\n')} onChange={(event) => change({ ...item, options: event.target.value.split('\n') })} />
      )}
      {type !== 'file' && type !== 'file-list' && (
        <Input small aria-label={t('start.default')} placeholder={t('start.default')} disabled={off} value={text(item.default)} onChange={(event) => change({ ...item, default: event.target.value })} />
      )}
      {(type === 'text-input' || type === 'paragraph' || type === 'file-list') && (
        <Input small type="number" min={1} aria-label={t('start.most')} placeholder={t('start.most')} disabled={off} value={num(item.max_length) ?? ''} onChange={(event) => change({ ...item, max_length: event.target.value === '' ? undefined : Number(event.target.value) })} />
      )}
      <Checkbox label={t('start.required')} checked={bool(item.required)} disabled={off} onChange={(required) => change({ ...item, required })} />
    </div>
  );
}

/** The form that starts a run. Renaming a variable renames it wherever it is used. */
export function StartSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const [open, setOpen] = useState<number>();
  const items = objects(edited.data.variables);
  const rename = (index: number, from: string, to: string) => {
    edited.set(['variables', index, 'variable'], to);
    if (from !== '' && to !== '') editor.apply((draft) => ({ draft: renameReferences(draft, [edited.id, from], [edited.id, to]) }), `${edited.id}:variables.${index}.variable`);
  };
  return (
    <Section title={t('start.title')}>
      <Rows<JsonObject>
        items={items}
        off={edited.off}
        add={t('start.add')}
        fresh={() => ({ variable: '', label: '', type: 'text-input', required: false, max_length: 256, options: [] })}
        name={(item) => str(item.variable)}
        onChange={(next) => edited.set(['variables'], next)}
      >
        {(item, change, index) => (
          <>
            <div className="grid grid-cols-[26px_minmax(0,1fr)_120px] items-center gap-1.5">
              <IconButton size="sm" icon={ChevronRight} label={t('start.more', { name: str(item.variable) })} aria-expanded={open === index} className={open === index ? 'rotate-90' : ''} onClick={() => setOpen(open === index ? undefined : index)} />
              <Input small mono aria-label={t('panel.name')} placeholder={t('panel.name')} disabled={edited.off} value={str(item.variable)} onChange={(event) => rename(index, str(item.variable), event.target.value)} />
              <Select small aria-label={t('start.type')} disabled={edited.off} value={str(item.type)} onChange={(event) => change({ ...item, type: event.target.value })}>
                {!TYPES.includes(str(item.type)) && <option>{str(item.type)}</option>}
                {TYPES.map((type) => (
                  <option key={type} value={type}>
                    {t(`start.types.${type}`)}
                  </option>
                ))}
              </Select>
            </div>
            {open === index && <More item={item} change={change} off={edited.off} />}
          </>
        )}
      </Rows>
    </Section>
  );
}
