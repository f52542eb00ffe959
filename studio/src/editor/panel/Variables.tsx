import { useTranslation } from 'react-i18next';
import { Input } from '@/components/Field';
import { SelectorField } from '../code/SelectorField';
import { type JsonObject, objects, str, texts } from '../document/json';
import { type Edited, Rows, Section } from './parts';

/** Names and where their values come from: the inputs of code and templates, the outputs of an end. */
export function Variables({ edited, field, title, add }: { edited: Edited; field: 'variables' | 'outputs'; title: string; add: string }) {
  const { t } = useTranslation('editor');
  const items = objects(edited.data[field]);
  return (
    <Section title={title}>
      <Rows<JsonObject>
        items={items}
        off={edited.off}
        add={add}
        fresh={() => ({ variable: '', value_selector: [] })}
        name={(item) => str(item.variable)}
        onChange={(next) => edited.set([field], next)}
      >
        {(item, change) => (
          <div className="grid grid-cols-[120px_minmax(0,1fr)] gap-2">
            <Input small mono aria-label={t('panel.name')} placeholder={t('panel.name')} disabled={edited.off} value={str(item.variable)} onChange={(event) => change({ ...item, variable: event.target.value })} />
            <SelectorField small node={edited.id} label={str(item.variable) || t('vars.title')} value={texts(item.value_selector)} onChange={(selector) => change({ ...item, value_selector: selector })} />
          </div>
        )}
      </Rows>
    </Section>
  );
}
