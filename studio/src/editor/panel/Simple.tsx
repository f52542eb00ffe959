import { useTranslation } from 'react-i18next';
import { Input, Select } from '@/components/Field';
import { Segmented, Switch } from '@/components/Choice';
import { Code } from '../code/Code';
import { SelectorField } from '../code/SelectorField';
import { Template } from '../code/Template';
import { bool, type JsonObject, obj, objects, str, text, texts } from '../document/json';
import { ChoicePair, type Edited, Pair, Rows, Section, TextPair } from './parts';
import { Variables } from './Variables';

const TYPES = ['string', 'number', 'boolean', 'object', 'array[string]', 'array[number]', 'array[object]', 'array[boolean]'];

function TypeSelect({ value, onChange, off, label }: { value: string; onChange: (type: string) => void; off: boolean; label: string }) {
  return (
    <Select small aria-label={label} disabled={off} value={value} onChange={(event) => onChange(event.target.value)}>
      {!TYPES.includes(value) && <option>{value}</option>}
      {TYPES.map((type) => (
        <option key={type}>{type}</option>
      ))}
    </Select>
  );
}

export function EndSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  return <Variables edited={edited} field="outputs" title={t('end.title')} add={t('end.add')} />;
}

export function AnswerSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  return (
    <Section title={t('answer.title')}>
      <Template node={edited.id} className="tall" label={t('answer.title')} value={str(edited.data.answer)} onChange={(text) => edited.set(['answer'], text)} />
      <p className="hint">{t('answer.hint')}</p>
    </Section>
  );
}

export function CodeSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const language = str(edited.data.code_language) === 'javascript' ? 'javascript' : 'python';
  const outputs = Object.entries(obj(edited.data.outputs)).map(([name, about]) => ({ name, about: obj(about) }));
  return (
    <>
      <Variables edited={edited} field="variables" title={t('code.inputs')} add={t('code.addInput')} />
      <Section
        title={t('code.title')}
        aside={
          <Segmented label={t('code.language')} value={language} disabled={edited.off} onChange={(next) => edited.set(['code_language'], next === 'javascript' ? 'javascript' : 'python3')}
            options={[{ value: 'python', label: 'Python' }, { value: 'javascript', label: 'JavaScript' }]} />
        }
      >
        <div className="tpl codebox">
          <Code language={language} label={t('code.title')} readOnly={edited.off} value={str(edited.data.code)} onChange={(text) => edited.set(['code'], text)} />
        </div>
      </Section>
      <Section title={t('code.outputs')}>
        <Rows
          items={outputs}
          off={edited.off}
          add={t('code.addOutput')}
          fresh={() => ({ name: '', about: { type: 'string', children: null } })}
          name={(item) => item.name}
          onChange={(next) => edited.set(['outputs'], Object.fromEntries(next.map((item) => [item.name, item.about])))}
        >
          {(item, change) => (
            <div className="grid grid-cols-[minmax(0,1fr)_130px] gap-2">
              <Input small mono aria-label={t('panel.name')} placeholder={t('panel.name')} disabled={edited.off} value={item.name} onChange={(event) => change({ ...item, name: event.target.value })} />
              <TypeSelect label={t('panel.type')} off={edited.off} value={str(item.about.type)} onChange={(type) => change({ ...item, about: { ...item.about, type } })} />
            </div>
          )}
        </Rows>
      </Section>
    </>
  );
}

export function TemplateSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const offers = objects(edited.data.variables).map((item) => ({ insert: `{{ ${str(item.variable)} }}`, label: str(item.variable), detail: '', section: t('code.inputs') }));
  return (
    <>
      <Variables edited={edited} field="variables" title={t('code.inputs')} add={t('code.addInput')} />
      <Section title={t('template.title')}>
        <div className="tpl codebox">
          <Code language="jinja" label={t('template.title')} readOnly={edited.off} offers={offers} value={str(edited.data.template)} onChange={(text) => edited.set(['template'], text)} />
        </div>
      </Section>
    </>
  );
}

export function DocumentSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  return (
    <Section title={t('document.title')}>
      <SelectorField node={edited.id} label={t('document.title')} value={texts(edited.data.variable_selector)} onChange={(selector) => edited.set(['variable_selector'], selector)} />
      <p className="hint">{t('document.hint')}</p>
    </Section>
  );
}

export function AggregatorSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const { data } = edited;
  const grouped = bool(obj(data.advanced_settings).group_enabled);
  const groups = objects(obj(data.advanced_settings).groups);
  const list = (value: readonly string[][], change: (next: string[][]) => void) => (
    <Rows<string[]> items={value} off={edited.off} add={t('aggregate.add')} fresh={() => []} name={(item) => item.join('.')} onChange={change}>
      {(item, set) => <SelectorField small node={edited.id} label={t('vars.title')} value={item} onChange={set} />}
    </Rows>
  );
  const selectors = (value: JsonObject['variables']): string[][] => (Array.isArray(value) ? value.map(texts) : []);
  return (
    <Section title={t('aggregate.title')}>
      <p className="hint mt-0! mb-2">{t('aggregate.hint')}</p>
      {!grouped && (
        <>
          <ChoicePair edited={edited} path={['output_type']} label={t('panel.type')} options={TYPES.map((type) => ({ value: type, label: type }))} />
          {list(selectors(data.variables), (next) => edited.set(['variables'], next))}
        </>
      )}
      {grouped && (
        <Rows<JsonObject>
          items={groups}
          off={edited.off}
          add={t('aggregate.addGroup')}
          fresh={() => ({ group_name: `group${groups.length + 1}`, output_type: 'string', variables: [] })}
          name={(group) => str(group.group_name)}
          onChange={(next) => edited.set(['advanced_settings', 'groups'], next)}
        >
          {(group, change) => (
            <div className="inbox">
              <Input small mono className="mb-2" aria-label={t('panel.name')} disabled={edited.off} value={str(group.group_name)} onChange={(event) => change({ ...group, group_name: event.target.value })} />
              {list(selectors(group.variables), (next) => change({ ...group, variables: next }))}
            </div>
          )}
        </Rows>
      )}
      <div className="mt-3">
        <Switch label={t('aggregate.groups')} checked={grouped} disabled={edited.off}
          onChange={(on) => edited.set(['advanced_settings'], { group_enabled: on, groups: groups.length > 0 ? groups : [{ group_name: 'group1', output_type: str(data.output_type) || 'string', variables: data.variables ?? [] }] })} />
      </div>
    </Section>
  );
}

const OPERATIONS = ['over-write', 'clear', 'append', 'extend', 'set', '+=', '-=', '*=', '/=', 'remove-first', 'remove-last'];
const BY_VARIABLE = new Set(['over-write', 'append', 'extend']);
const WITHOUT_VALUE = new Set(['clear', 'remove-first', 'remove-last']);

export function AssignerSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const { data, set } = edited;
  if (!Array.isArray(data.items)) {
    return (
      <Section title={t('assign.title')}>
        <div className="col">
          <SelectorField node={edited.id} label={t('assign.target')} value={texts(data.assigned_variable_selector)} onChange={(selector) => set(['assigned_variable_selector'], selector)} />
          <ChoicePair edited={edited} path={['write_mode']} label={t('assign.how')} options={['over-write', 'append', 'clear'].map((value) => ({ value, label: t(`assign.operation.${value}`) }))} />
          <SelectorField node={edited.id} label={t('assign.value')} value={texts(data.input_variable_selector)} onChange={(selector) => set(['input_variable_selector'], selector)} />
        </div>
      </Section>
    );
  }
  return (
    <Section title={t('assign.title')}>
      <Rows<JsonObject>
        items={objects(data.items)}
        off={edited.off}
        add={t('assign.add')}
        fresh={() => ({ variable_selector: [], input_type: 'variable', operation: 'over-write', value: [] })}
        name={(item) => texts(item.variable_selector).join('.')}
        onChange={(next) => set(['items'], next)}
      >
        {(item, change) => {
          const operation = str(item.operation);
          const asVariable = str(item.input_type) === 'variable' && BY_VARIABLE.has(operation);
          return (
            <div className="inbox col">
              <SelectorField small node={edited.id} label={t('assign.target')} value={texts(item.variable_selector)} onChange={(selector) => change({ ...item, variable_selector: selector })} />
              <Select small aria-label={t('assign.how')} disabled={edited.off} value={operation}
                onChange={(event) => {
                  const next = event.target.value;
                  const variable = BY_VARIABLE.has(next) || WITHOUT_VALUE.has(next);
                  change({ ...item, operation: next, input_type: variable ? 'variable' : 'constant', value: variable === (str(item.input_type) === 'variable') ? (item.value ?? null) : variable ? [] : '' });
                }}>
                {!OPERATIONS.includes(operation) && <option>{operation}</option>}
                {OPERATIONS.map((each) => (
                  <option key={each} value={each}>
                    {t(`assign.operation.${each}`)}
                  </option>
                ))}
              </Select>
              {asVariable && <SelectorField small node={edited.id} label={t('assign.value')} value={texts(item.value)} onChange={(value) => change({ ...item, value })} />}
              {!asVariable && !WITHOUT_VALUE.has(operation) && (
                <Input small aria-label={t('assign.value')} placeholder={t('assign.value')} disabled={edited.off} value={typeof item.value === 'object' ? JSON.stringify(item.value) : String(item.value ?? '')}
                  onChange={(event) => change({ ...item, value: /^[-+*/]=$/.test(operation) && event.target.value !== '' && Number.isFinite(Number(event.target.value)) ? Number(event.target.value) : event.target.value })} />
              )}
            </div>
          );
        }}
      </Rows>
    </Section>
  );
}

export function IterationSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const { data, set } = edited;
  const parallel = bool(data.is_parallel);
  return (
    <>
      <Section title={t('iteration.over')}>
        <SelectorField node={edited.id} type="array" label={t('iteration.over')} value={texts(data.iterator_selector)} onChange={(selector) => set(['iterator_selector'], selector)} />
        <p className="hint">{t('iteration.item')}</p>
      </Section>
      <Section title={t('iteration.result')}>
        <SelectorField node={edited.id} inside label={t('iteration.result')} value={texts(data.output_selector)} onChange={(selector) => set(['output_selector'], selector)} />
      </Section>
      <Section title={t('iteration.rounds')}>
        <div className="col">
          <Switch label={t('iteration.parallel')} checked={parallel} disabled={edited.off} onChange={(on) => set(['is_parallel'], on)} />
          {parallel && <TextPair edited={edited} path={['parallel_nums']} label={t('iteration.atOnce')} numeric />}
          <ChoicePair edited={edited} path={['error_handle_mode']} none="terminated" label={t('iteration.onError')} options={['terminated', 'continue-on-error', 'remove-abnormal-output'].map((value) => ({ value, label: t(`iteration.mode.${value}`) }))} />
          <Switch label={t('iteration.flatten')} checked={data.flatten_output !== false} disabled={edited.off} onChange={(on) => set(['flatten_output'], on)} />
        </div>
      </Section>
    </>
  );
}

const LIST_PARTS = ['filter_by', 'extract_by', 'order_by', 'limit'] as const;
const LIST_OPERATORS = ['contains', 'not contains', 'start with', 'end with', 'is', 'is not', 'empty', 'not empty', 'in', 'not in', '=', '≠', '>', '<', '≥', '≤'];

export function ListSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const { data, set } = edited;
  const on = (part: string) => bool(obj(data[part]).enabled);
  const file = str(data.var_type).includes('file');
  return (
    <>
      <Section title={t('list.source')}>
        <SelectorField node={edited.id} type="array" label={t('list.source')} value={texts(data.variable)} onChange={(selector) => set(['variable'], selector)} />
      </Section>
      {LIST_PARTS.map((part) => (
        <Section key={part} title={t(`card.list.${part}`)} aside={<Switch label={<span className="vh">{t(`card.list.${part}`)}</span>} checked={on(part)} disabled={edited.off} onChange={(enabled) => set([part], { ...obj(data[part]), enabled })} />}>
          {on(part) && part === 'filter_by' && (
            <Rows<JsonObject> items={objects(obj(data.filter_by).conditions)} off={edited.off} add={t('list.condition')} fresh={() => ({ key: '', comparison_operator: 'contains', value: '' })} name={(item) => str(item.key)} onChange={(next) => set(['filter_by', 'conditions'], next)}>
              {(item, change) => (
                <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)] gap-2">
                  {file && <Input small mono className="col-span-2" aria-label={t('list.key')} placeholder={t('list.key')} value={str(item.key)} onChange={(event) => change({ ...item, key: event.target.value })} />}
                  <Select small aria-label={t('branch.operator')} value={str(item.comparison_operator)} onChange={(event) => change({ ...item, comparison_operator: event.target.value })}>
                    {LIST_OPERATORS.map((operator) => (
                      <option key={operator}>{operator}</option>
                    ))}
                  </Select>
                  <Template single node={edited.id} label={t('branch.value')} value={Array.isArray(item.value) ? texts(item.value).join(', ') : text(item.value)} onChange={(value) => change({ ...item, value })} />
                </div>
              )}
            </Rows>
          )}
          {on(part) && part === 'extract_by' && <Template single node={edited.id} label={t('list.serial')} value={str(obj(data.extract_by).serial)} onChange={(serial) => set(['extract_by', 'serial'], serial)} />}
          {on(part) && part === 'order_by' && (
            <>
              {file && <TextPair edited={edited} path={['order_by', 'key']} label={t('list.key')} mono />}
              <ChoicePair edited={edited} path={['order_by', 'value']} none="asc" label={t('list.order')} options={['asc', 'desc'].map((value) => ({ value, label: t(`list.${value}`) }))} />
            </>
          )}
          {on(part) && part === 'limit' && <TextPair edited={edited} path={['limit', 'size']} label={t('list.size')} numeric />}
        </Section>
      ))}
    </>
  );
}

export function ScheduleSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const cron = str(edited.data.mode) === 'cron';
  const visual = obj(edited.data.visual_config);
  return (
    <Section title={t('schedule.title')}>
      <Segmented label={t('schedule.title')} value={cron ? 'cron' : 'visual'} disabled={edited.off} onChange={(mode) => edited.set(['mode'], mode)} options={[{ value: 'visual', label: t('schedule.visual') }, { value: 'cron', label: 'cron' }]} className="mb-2" />
      {cron ? <TextPair edited={edited} path={['cron_expression']} label={t('schedule.expression')} mono placeholder="0 9 * * *" /> : (
        <>
          <ChoicePair edited={edited} path={['frequency']} none="daily" label={t('schedule.frequency')} options={['hourly', 'daily', 'weekly', 'monthly'].map((value) => ({ value, label: t(`schedule.${value}`) }))} />
          {str(edited.data.frequency) === 'hourly' ? <TextPair edited={edited} path={['visual_config', 'on_minute']} label={t('schedule.minute')} numeric /> : <TextPair edited={edited} path={['visual_config', 'time']} label={t('schedule.time')} placeholder="09:00 AM" />}
          {str(edited.data.frequency) === 'weekly' && (
            <Pair label={t('schedule.days')}>
              {(id) => <Input small mono id={id} disabled={edited.off} placeholder="mon, thu" value={texts(visual.weekdays).join(', ')} onChange={(event) => edited.set(['visual_config', 'weekdays'], event.target.value.split(',').map((day) => day.trim().toLowerCase()).filter(Boolean))} />}
            </Pair>
          )}
          {str(edited.data.frequency) === 'monthly' && (
            <Pair label={t('schedule.monthDays')}>
              {(id) => <Input small mono id={id} disabled={edited.off} placeholder="1, 15, last" value={(Array.isArray(visual.monthly_days) ? visual.monthly_days : []).map(text).join(', ')} onChange={(event) => edited.set(['visual_config', 'monthly_days'], event.target.value.split(',').map((day) => day.trim()).filter(Boolean).map((day) => (day === 'last' ? day : Number(day))))} />}
            </Pair>
          )}
        </>
      )}
      <TextPair edited={edited} path={['timezone']} label={t('schedule.zone')} mono placeholder="Europe/Berlin" />
    </Section>
  );
}

export function WebhookSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const list = (field: 'headers' | 'params' | 'body') => (
    <Section title={t(`webhook.${field}`)}>
      <Rows<JsonObject> items={objects(edited.data[field])} off={edited.off} add={t('webhook.add')} fresh={() => ({ name: '', type: 'string', required: false })} name={(item) => str(item.name)} onChange={(next) => edited.set([field], next)}>
        {(item, change) => (
          <div className="grid grid-cols-[minmax(0,1fr)_112px_auto] items-center gap-2">
            <Input small mono aria-label={t('panel.name')} placeholder={t('panel.name')} disabled={edited.off} value={str(item.name)} onChange={(event) => change({ ...item, name: event.target.value })} />
            {field === 'headers' ? <span className="t3 sm">string</span> : <TypeSelect label={t('panel.type')} off={edited.off} value={str(item.type) || 'string'} onChange={(type) => change({ ...item, type })} />}
            <Select small aria-label={t('start.required')} disabled={edited.off} value={bool(item.required) ? 'yes' : 'no'} onChange={(event) => change({ ...item, required: event.target.value === 'yes' })}>
              <option value="no">{t('webhook.optional')}</option>
              <option value="yes">{t('card.required')}</option>
            </Select>
          </div>
        )}
      </Rows>
    </Section>
  );
  return (
    <>
      <Section title={t('webhook.request')}>
        <ChoicePair edited={edited} path={['method']} label={t('http.method')} options={['get', 'post', 'put', 'patch', 'delete', 'head'].map((value) => ({ value, label: value.toUpperCase() }))} />
        <ChoicePair edited={edited} path={['content_type']} label={t('webhook.type')} options={['application/json', 'multipart/form-data', 'application/x-www-form-urlencoded', 'text/plain', 'application/octet-stream'].map((value) => ({ value, label: value }))} />
        <p className="hint">{t('webhook.hint')}</p>
      </Section>
      {list('params')}
      {list('headers')}
      {list('body')}
      <Section title={t('webhook.answer')}>
        <TextPair edited={edited} path={['status_code']} label={t('webhook.status')} numeric />
        <textarea className="inp area mono" rows={3} aria-label={t('webhook.answer')} disabled={edited.off} value={str(edited.data.response_body)} onChange={(event) => edited.set(['response_body'], event.target.value)} />
      </Section>
    </>
  );
}

