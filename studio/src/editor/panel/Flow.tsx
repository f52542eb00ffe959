import { Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Segmented } from '@/components/Choice';
import { Input, Select } from '@/components/Field';
import { needsNoValue } from '../canvas/conditions';
import { SelectorField } from '../code/SelectorField';
import { Template } from '../code/Template';
import { type JsonObject, obj, objects, str, text, texts } from '../document/json';
import { casesOf } from '../document/kinds';
import { typeOf } from '../document/scope';
import { useDraft } from '../state/context';
import { ModelSection } from './ModelSection';
import { ChoicePair, type Edited, Rows, Section, TextPair } from './parts';

const OPERATORS: Record<string, string[]> = {
  string: ['contains', 'not contains', 'start with', 'end with', 'is', 'is not', 'empty', 'not empty', 'in', 'not in'],
  number: ['=', '≠', '>', '<', '≥', '≤', 'empty', 'not empty'],
  boolean: ['is', 'is not'],
  array: ['contains', 'not contains', 'empty', 'not empty'],
  object: ['empty', 'not empty'],
  file: ['exists', 'not exists'],
};

function operatorsFor(type: string | undefined): string[] {
  if (type === undefined || type === 'any') return [...new Set(Object.values(OPERATORS).flat())];
  if (type.startsWith('array[file')) return ['contains', 'not contains', 'all of', 'empty', 'not empty'];
  if (type.startsWith('array')) return OPERATORS.array ?? [];
  return OPERATORS[type === 'secret' ? 'string' : type] ?? OPERATORS.string ?? [];
}

function Condition({ edited, condition, change }: { edited: Edited; condition: JsonObject; change: (condition: JsonObject) => void }) {
  const { t } = useTranslation('editor');
  const draft = useDraft();
  const selector = texts(condition.variable_selector);
  const type = typeOf(draft, selector);
  const operator = str(condition.comparison_operator);
  const operators = operatorsFor(type);
  return (
    <div className="col g4">
      <SelectorField small node={edited.id} label={t('branch.variable')} value={selector} onChange={(next) => change({ ...condition, variable_selector: next, varType: typeOf(draft, next) ?? 'string' })} />
      <div className="grid grid-cols-[128px_minmax(0,1fr)] gap-2">
        <Select small aria-label={t('branch.operator')} disabled={edited.off} value={operator} onChange={(event) => change({ ...condition, comparison_operator: event.target.value })}>
          {!operators.includes(operator) && <option value={operator}>{operator || t('branch.operator')}</option>}
          {operators.map((each) => (
            <option key={each} value={each}>
              {t(`branch.is.${each}`, { defaultValue: each })}
            </option>
          ))}
        </Select>
        {needsNoValue(operator) ? <span /> : type === 'boolean' ? (
          <Select small aria-label={t('branch.value')} disabled={edited.off} value={text(condition.value) || 'true'} onChange={(event) => change({ ...condition, value: event.target.value === 'true' })}>
            <option value="true">true</option>
            <option value="false">false</option>
          </Select>
        ) : (
          <Template single node={edited.id} label={t('branch.value')} placeholder={t('branch.value')} value={Array.isArray(condition.value) ? texts(condition.value).join(', ') : text(condition.value)}
            onChange={(value) => change({ ...condition, value: Array.isArray(condition.value) || operator === 'in' || operator === 'not in' ? value.split(',').map((item) => item.trim()) : value })} />
        )}
      </div>
      {condition.sub_variable_condition != null && <p className="hint mt-0!">{t('branch.sub')}</p>}
    </div>
  );
}

function Conditions({ edited, conditions, operator, onChange, onOperator }: { edited: Edited; conditions: JsonObject[]; operator: string; onChange: (conditions: JsonObject[]) => void; onOperator: (operator: 'and' | 'or') => void }) {
  const { t } = useTranslation('editor');
  return (
    <>
      {conditions.length > 1 && (
        <Segmented label={t('branch.join')} className="mb-2 w-44" value={operator === 'or' ? 'or' : 'and'} disabled={edited.off} onChange={onOperator} options={[{ value: 'and', label: t('branch.all') }, { value: 'or', label: t('branch.any') }]} />
      )}
      <Rows<JsonObject>
        items={conditions}
        off={edited.off}
        add={t('branch.addCondition')}
        fresh={() => ({ variable_selector: [], comparison_operator: 'contains', value: '' })}
        name={(item) => texts(item.variable_selector).join('.')}
        onChange={onChange}
      >
        {(condition, change) => <Condition edited={edited} condition={condition} change={change} />}
      </Rows>
    </>
  );
}

export function IfElseSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const cases = casesOf(edited.data);
  // An old file has its one case at the top; it becomes a list when it is changed.
  const put = (next: JsonObject[]) => {
    const { conditions: _conditions, logical_operator: _operator, ...rest } = edited.data;
    edited.replace({ ...(Array.isArray(edited.data.cases) ? edited.data : rest), cases: next });
  };
  return (
    <>
      {cases.map((each, index) => (
        <Section
          key={text(each.case_id) || index}
          title={index === 0 ? 'IF' : 'ELIF'}
          aside={cases.length > 1 && !edited.off && (
            <Button size="sm" kind="ghost" onClick={() => put(cases.filter((_, at) => at !== index).map((item, at) => (at === 0 ? { ...item, case_id: 'true', id: 'true' } : item)))}>
              {t('branch.removeCase')}
            </Button>
          )}
        >
          <Conditions
            edited={edited}
            conditions={objects(each.conditions)}
            operator={str(each.logical_operator)}
            onChange={(conditions) => put(cases.map((item, at) => (at === index ? { ...item, conditions } : item)))}
            onOperator={(logical_operator) => put(cases.map((item, at) => (at === index ? { ...item, logical_operator } : item)))}
          />
        </Section>
      ))}
      {!edited.off && (
        <Button size="sm" kind="ghost" icon={Plus} className="my-2" onClick={() => {
          const id = crypto.randomUUID();
          put([...cases, { id, case_id: id, logical_operator: 'and', conditions: [] }]);
        }}>
          {t('branch.addCase')}
        </Button>
      )}
      <p className="hint">{t('branch.else')}</p>
    </>
  );
}

export function LoopSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const { data, set } = edited;
  return (
    <>
      <Section title={t('loop.variables')}>
        <Rows<JsonObject>
          items={objects(data.loop_variables)}
          off={edited.off}
          add={t('loop.addVariable')}
          fresh={() => ({ id: crypto.randomUUID(), label: '', var_type: 'string', value_type: 'constant', value: '' })}
          name={(item) => str(item.label)}
          onChange={(next) => set(['loop_variables'], next)}
        >
          {(item, change) => (
            <div className="inbox col">
              <div className="grid grid-cols-[minmax(0,1fr)_112px] gap-2">
                <Input small mono aria-label={t('panel.name')} placeholder={t('panel.name')} disabled={edited.off} value={str(item.label)} onChange={(event) => change({ ...item, label: event.target.value })} />
                <Select small aria-label={t('panel.type')} disabled={edited.off} value={str(item.var_type)} onChange={(event) => change({ ...item, var_type: event.target.value })}>
                  {['string', 'number', 'object', 'boolean', 'array[string]', 'array[number]', 'array[object]', 'array[boolean]'].map((type) => (
                    <option key={type}>{type}</option>
                  ))}
                </Select>
              </div>
              <Segmented label={t('loop.from')} value={str(item.value_type) === 'variable' ? 'variable' : 'constant'} disabled={edited.off} onChange={(value_type) => change({ ...item, value_type, value: value_type === 'variable' ? [] : '' })}
                options={[{ value: 'constant', label: t('loop.constant') }, { value: 'variable', label: t('loop.variable') }]} />
              {str(item.value_type) === 'variable' ? (
                <SelectorField small node={edited.id} label={t('vars.title')} value={texts(item.value)} onChange={(value) => change({ ...item, value })} />
              ) : (
                <Input small mono aria-label={t('branch.value')} placeholder={t('branch.value')} disabled={edited.off} value={typeof item.value === 'string' ? item.value : JSON.stringify(item.value ?? '')} onChange={(event) => change({ ...item, value: event.target.value })} />
              )}
            </div>
          )}
        </Rows>
      </Section>
      <Section title={t('loop.until')}>
        <Conditions edited={edited} conditions={objects(data.break_conditions)} operator={str(data.logical_operator)} onChange={(conditions) => set(['break_conditions'], conditions)} onOperator={(operator) => set(['logical_operator'], operator)} />
        <TextPair edited={edited} path={['loop_count']} label={t('loop.most')} numeric />
      </Section>
    </>
  );
}

export function ClassifierSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const { data, set } = edited;
  const classes = objects(data.classes);
  return (
    <>
      <ModelSection node={edited.id} model={obj(data.model)} onChange={(model) => set(['model'], model)} />
      <Section title={t('classify.query')}>
        <SelectorField node={edited.id} label={t('classify.query')} value={texts(data.query_variable_selector)} onChange={(selector) => set(['query_variable_selector'], selector)} />
      </Section>
      <Section title={t('classify.classes')}>
        <Rows<JsonObject> items={classes} off={edited.off} least={1} add={t('classify.add')} fresh={() => ({ id: String(Date.now()), name: '' })} name={(item) => str(item.name)} onChange={(next) => set(['classes'], next)}>
          {(item, change, index) => <Template single={false} node={edited.id} className="short" label={t('card.class', { number: index + 1 })} placeholder={t('card.class', { number: index + 1 })} value={str(item.name)} onChange={(name) => change({ ...item, name })} />}
        </Rows>
      </Section>
      <Section title={t('classify.instruction')}>
        <Template node={edited.id} label={t('classify.instruction')} value={str(data.instruction)} onChange={(text) => set(['instruction'], text)} />
      </Section>
    </>
  );
}

export function ExtractorSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const { data, set } = edited;
  return (
    <>
      <ModelSection node={edited.id} model={obj(data.model)} onChange={(model) => set(['model'], model)} />
      <Section title={t('extract.query')}>
        <SelectorField node={edited.id} label={t('extract.query')} value={texts(data.query)} onChange={(selector) => set(['query'], selector)} />
      </Section>
      <Section title={t('extract.parameters')}>
        <Rows<JsonObject> items={objects(data.parameters)} off={edited.off} add={t('extract.add')} fresh={() => ({ name: '', type: 'string', description: '', required: false })} name={(item) => str(item.name)} onChange={(next) => set(['parameters'], next)}>
          {(item, change) => (
            <div className="inbox col">
              <div className="grid grid-cols-[minmax(0,1fr)_112px] gap-2">
                <Input small mono aria-label={t('panel.name')} placeholder={t('panel.name')} disabled={edited.off} value={str(item.name)} onChange={(event) => change({ ...item, name: event.target.value })} />
                <Select small aria-label={t('panel.type')} disabled={edited.off} value={str(item.type)} onChange={(event) => change({ ...item, type: event.target.value })}>
                  {['string', 'number', 'boolean', 'select', 'array[string]', 'array[number]', 'array[object]', 'array[boolean]'].map((type) => (
                    <option key={type}>{type}</option>
                  ))}
                </Select>
              </div>
              <Input small aria-label={t('extract.description')} placeholder={t('extract.description')} disabled={edited.off} value={str(item.description)} onChange={(event) => change({ ...item, description: event.target.value })} />
            </div>
          )}
        </Rows>
      </Section>
      <Section title={t('classify.instruction')}>
        <Template node={edited.id} label={t('classify.instruction')} value={str(data.instruction)} onChange={(text) => set(['instruction'], text)} />
        <ChoicePair edited={edited} path={['reasoning_mode']} none="function_call" label={t('extract.mode')} options={['function_call', 'prompt'].map((value) => ({ value, label: t(`extract.${value}`) }))} />
      </Section>
    </>
  );
}

export function HumanSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const { data, set } = edited;
  return (
    <>
      <Section title={t('human.form')}>
        <Template node={edited.id} className="tall" label={t('human.form')} value={str(data.form_content)} onChange={(text) => set(['form_content'], text)} />
        <p className="hint">{t('human.formHint', { placeholder: '{{#$output.name#}}' })}</p>
      </Section>
      <Section title={t('human.inputs')}>
        <Rows<JsonObject> items={objects(data.inputs)} off={edited.off} add={t('human.addInput')} fresh={() => ({ type: 'paragraph', output_variable_name: '', default: { type: 'constant', value: '' } })} name={(item) => str(item.output_variable_name)} onChange={(next) => set(['inputs'], next)}>
          {(item, change) => (
            <div className="grid grid-cols-[minmax(0,1fr)_112px] gap-2">
              <Input small mono aria-label={t('panel.name')} placeholder={t('panel.name')} disabled={edited.off} value={str(item.output_variable_name)} onChange={(event) => change({ ...item, output_variable_name: event.target.value })} />
              <Select small aria-label={t('panel.type')} disabled={edited.off} value={str(item.type)} onChange={(event) => change({ ...item, type: event.target.value })}>
                {!['paragraph', 'select', 'file', 'file-list'].includes(str(item.type)) && <option>{str(item.type)}</option>}
                {['paragraph', 'select', 'file', 'file-list'].map((type) => (
                  <option key={type} value={type}>
                    {t(`start.types.${type}`)}
                  </option>
                ))}
              </Select>
            </div>
          )}
        </Rows>
      </Section>
      <Section title={t('human.actions')}>
        <Rows<JsonObject> items={objects(data.user_actions)} off={edited.off} least={1} add={t('human.addAction')} fresh={() => ({ id: `action_${objects(data.user_actions).length + 1}`, title: '', button_style: 'default' })} name={(item) => str(item.title)} onChange={(next) => set(['user_actions'], next)}>
          {(item, change) => (
            <div className="grid grid-cols-[minmax(0,1fr)_112px] gap-2">
              <Input small aria-label={t('human.actionTitle')} placeholder={t('human.actionTitle')} disabled={edited.off} value={str(item.title)} onChange={(event) => change({ ...item, title: event.target.value })} />
              <Select small aria-label={t('human.style')} disabled={edited.off} value={str(item.button_style) || 'default'} onChange={(event) => change({ ...item, button_style: event.target.value })}>
                {['primary', 'default', 'accent', 'ghost'].map((style) => (
                  <option key={style} value={style}>
                    {t(`human.styles.${style}`)}
                  </option>
                ))}
              </Select>
            </div>
          )}
        </Rows>
      </Section>
      <Section title={t('human.deadline')}>
        <TextPair edited={edited} path={['timeout']} label={t('human.after')} numeric />
        <ChoicePair edited={edited} path={['timeout_unit']} none="hour" label={t('human.unit')} options={['hour', 'day'].map((value) => ({ value, label: t(`card.unit.${value}`) }))} />
      </Section>
    </>
  );
}
