import { listDatasets, listToolProviders, listTools } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { Database } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { all, credentialsQuery } from '@/api/queries';
import { Checkbox, Switch } from '@/components/Choice';
import { CredentialName, last4 } from '@/components/CredentialName';
import { Input, Select } from '@/components/Field';
import { Icon } from '@/components/Icon';
import { Note } from '@/components/Note';
import { Tag } from '@/components/Tag';
import { SelectorField } from '../code/SelectorField';
import { Template } from '../code/Template';
import { modelPlaces } from '../document/geometry';
import { bool, isObject, type JsonObject, obj, objects, str, text, texts } from '../document/json';
import { placeholder } from '../document/template';
import { ModelSection } from './ModelSection';
import { ChoicePair, type Edited, Rows, Section, TextPair } from './parts';
import { JsonEditor } from './Written';

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head'];
const BODIES = ['none', 'json', 'form-data', 'x-www-form-urlencoded', 'raw-text', 'binary'];

/** Headers and parameters are lines `key:value` in the file. */
function Lines({ edited, field, title }: { edited: Edited; field: 'headers' | 'params'; title: string }) {
  const { t } = useTranslation('editor');
  const lines = str(edited.data[field]).split('\n').filter((line) => line !== '').map((line) => {
    const colon = line.indexOf(':');
    return colon < 0 ? { key: line, value: '' } : { key: line.slice(0, colon), value: line.slice(colon + 1) };
  });
  return (
    <Section title={title}>
      <Rows
        items={lines}
        off={edited.off}
        add={t('http.addLine')}
        fresh={() => ({ key: `key${lines.length + 1}`, value: '' })}
        name={(line) => line.key}
        onChange={(next) => edited.set([field], next.map((line) => `${line.key}:${line.value}`).join('\n'))}
      >
        {(line, change) => (
          <div className="grid grid-cols-[120px_minmax(0,1fr)] gap-2">
            <Input small mono aria-label={t('panel.name')} disabled={edited.off} value={line.key} onChange={(event) => change({ ...line, key: event.target.value.replace(/[:\n]/g, '') })} />
            <Template single node={edited.id} label={line.key} placeholder={t('branch.value')} value={line.value.trimStart()} onChange={(value) => change({ ...line, value })} />
          </div>
        )}
      </Rows>
    </Section>
  );
}

function BodySection({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const body = obj(edited.data.body);
  const type = str(body.type) || 'none';
  const items = Array.isArray(body.data) ? objects(body.data) : str(body.data) === '' ? [] : [{ key: '', type: 'text', value: str(body.data) }];
  const put = (data: JsonObject[]) => edited.set(['body'], { ...body, type, data });
  return (
    <Section title={t('http.body')}>
      <Select small aria-label={t('http.body')} disabled={edited.off} value={type} onChange={(event) => edited.set(['body'], { ...body, type: event.target.value, data: event.target.value === 'none' ? [] : items.length > 0 ? items : [{ key: '', type: 'text', value: '' }] })}>
        {BODIES.map((each) => (
          <option key={each} value={each}>
            {t(`http.bodies.${each}`)}
          </option>
        ))}
      </Select>
      <div className="mt-2">
        {(type === 'json' || type === 'raw-text') && <Template className="tall monospace" node={edited.id} label={t('http.body')} value={str(items[0]?.value)} onChange={(value) => put([{ ...items[0], key: '', type: 'text', value }])} />}
        {type === 'binary' && <SelectorField node={edited.id} type="file" label={t('http.body')} value={texts(items[0]?.file)} onChange={(file) => put([{ ...items[0], key: '', type: 'file', file }])} />}
        {(type === 'form-data' || type === 'x-www-form-urlencoded') && (
          <Rows<JsonObject> items={items} off={edited.off} add={t('http.addLine')} fresh={() => ({ key: '', type: 'text', value: '' })} name={(item) => str(item.key)} onChange={put}>
            {(item, change) => (
              <div className="grid grid-cols-[100px_minmax(0,1fr)] gap-2">
                <Input small mono aria-label={t('panel.name')} placeholder={t('panel.name')} disabled={edited.off} value={str(item.key)} onChange={(event) => change({ ...item, key: event.target.value })} />
                {str(item.type) === 'file' ? (
                  <SelectorField small node={edited.id} type="file" label={str(item.key)} value={texts(item.file)} onChange={(file) => change({ ...item, file })} />
                ) : (
                  <Template single node={edited.id} label={str(item.key)} placeholder={t('branch.value')} value={str(item.value)} onChange={(value) => change({ ...item, value })} />
                )}
              </div>
            )}
          </Rows>
        )}
      </div>
    </Section>
  );
}

export function HttpSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const { data, set } = edited;
  const authorization = obj(data.authorization);
  const config = obj(authorization.config);
  const kind = str(authorization.type) === 'api-key' ? str(config.type) || 'bearer' : 'none';
  const method = str(data.method).toLowerCase();
  return (
    <>
      <Section title={t('http.request')}>
        <div className="grid grid-cols-[92px_minmax(0,1fr)] gap-2">
          <Select aria-label={t('http.method')} disabled={edited.off} value={method} onChange={(event) => set(['method'], event.target.value)}>
            {METHODS.map((each) => (
              <option key={each} value={each}>
                {each.toUpperCase()}
              </option>
            ))}
          </Select>
          <Template single node={edited.id} label="URL" placeholder="https://" value={str(data.url)} onChange={(url) => set(['url'], url)} />
        </div>
      </Section>
      <Section title={t('http.auth')}>
        <Select small aria-label={t('http.auth')} disabled={edited.off} value={kind}
          onChange={(event) => set(['authorization'], event.target.value === 'none' ? { type: 'no-auth', config: null } : { type: 'api-key', config: { ...config, type: event.target.value } })}>
          {['none', 'bearer', 'basic', 'custom'].map((each) => (
            <option key={each} value={each}>
              {t(`http.auths.${each}`)}
            </option>
          ))}
        </Select>
        {kind !== 'none' && (
          <div className="col mt-2">
            {kind === 'custom' && <TextPair edited={edited} path={['authorization', 'config', 'header']} label={t('http.header')} mono placeholder="X-API-Key" />}
            <Template single node={edited.id} label={t('http.key')} placeholder="{{#env.NAME#}}" value={str(config.api_key)} onChange={(key) => set(['authorization', 'config', 'api_key'], key)} />
          </div>
        )}
      </Section>
      <Lines edited={edited} field="params" title={t('http.params')} />
      <Lines edited={edited} field="headers" title={t('http.headers')} />
      {method !== 'get' && method !== 'head' && <BodySection edited={edited} />}
      <Section title={t('http.limits')}>
        {(['connect', 'read', 'write'] as const).map((each) => (
          <TextPair key={each} edited={edited} path={['timeout', each]} label={t(`http.${each}`)} numeric />
        ))}
        <Switch label={t('http.verify')} checked={data.ssl_verify !== false} disabled={edited.off} onChange={(on) => set(['ssl_verify'], on)} />
      </Section>
    </>
  );
}

function ToolKey({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const { data: credentials } = useQuery(credentialsQuery);
  const provider = `tool/${str(edited.data.provider_name) || str(edited.data.provider_id)}`;
  const own = (credentials ?? []).filter((credential) => credential.provider === provider || credential.provider === `tool/${(str(edited.data.provider_id).split('/').at(-1) ?? '')}`);
  const said = str(edited.data.credential_name) || str(edited.data.credential_id);
  const chosen = own.find((credential) => credential.id === said || credential.name === said);
  if (own.length === 0 && said === '') return null;
  return (
    <Section title={t('who.title')}>
      <Select aria-label={t('who.key')} disabled={edited.off} value={chosen?.id ?? said} onChange={(event) => edited.set(['credential_id'], event.target.value === '' ? undefined : event.target.value)}>
        <option value="">{t('tool.defaultKey')}</option>
        {chosen === undefined && said !== '' && <option value={said}>{said}</option>}
        {own.map((credential) => (
          <option key={credential.id} value={credential.id}>
            {credential.name}
          </option>
        ))}
      </Select>
      {chosen !== undefined && <p className="mt-2"><CredentialName as="chip" provider={chosen.provider} name={chosen.name} last4={last4(chosen)} /></p>}
    </Section>
  );
}

/** The parameters of a tool: as its provider declares them here, else those that the file has. */
export function ToolSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const { data, set } = edited;
  const { data: providers } = useQuery({ queryKey: ['tool-providers'], queryFn: () => all((cursor) => ok(listToolProviders({ query: { limit: 200, cursor } }))), retry: false });
  const provider = providers?.find((each) => each.id === str(data.provider_id) || each.name === str(data.provider_name) || each.name === str(data.provider_id));
  const { data: tools } = useQuery({
    queryKey: ['tool-providers', provider?.id, 'tools'],
    queryFn: () => all((cursor) => ok(listTools({ path: { id: provider?.id ?? '' }, query: { limit: 200, cursor } }))),
    enabled: provider !== undefined,
    retry: false,
  });
  const tool = tools?.find((each) => each.name === str(data.tool_name));
  const parameters = obj(data.tool_parameters);
  const declared = tool?.parameters.map((each) => ({ name: each.name, hint: each.description, required: each.required })) ?? [];
  const rest = Object.keys(parameters).filter((name) => !declared.some((each) => each.name === name)).map((name) => ({ name, hint: '', required: false }));
  const pick = (id: string) => {
    const next = providers?.find((each) => each.id === id);
    if (next !== undefined) edited.replace({ ...data, provider_id: next.name, provider_name: next.name, provider_type: next.kind === 'openapi' ? 'api' : next.kind, tool_name: '', tool_label: '', tool_parameters: {} });
  };
  return (
    <>
      <Section title={t('tool.title')}>
        <div className="col">
          <Select aria-label={t('tool.provider')} disabled={edited.off} value={provider?.id ?? ''} onChange={(event) => pick(event.target.value)}>
            <option value="">{str(data.provider_name) || str(data.provider_id) || t('tool.choose')}</option>
            {providers?.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </Select>
          {tools !== undefined ? (
            <Select aria-label={t('tool.tool')} disabled={edited.off} value={str(data.tool_name)} onChange={(event) => edited.replace({ ...data, tool_name: event.target.value, tool_label: event.target.value })}>
              <option value="">{t('tool.choose')}</option>
              {tools.map((each) => (
                <option key={each.name}>{each.name}</option>
              ))}
            </Select>
          ) : (
            <div className="row">
              <span className="b">{str(data.tool_label) || str(data.tool_name)}</span>
              <Tag>{str(data.provider_type)}</Tag>
            </div>
          )}
          {str(data.tool_description) !== '' && <p className="t2 sm">{str(data.tool_description)}</p>}
        </div>
      </Section>
      <ToolKey edited={edited} />
      <Section title={t('tool.parameters')}>
        {declared.length + rest.length === 0 && <p className="t3 sm">{t('tool.noParameters')}</p>}
        <div className="col">
          {[...declared, ...rest].map(({ name, hint, required }) => {
            const entry = obj(parameters[name]);
            const value = isObject(parameters[name]) ? entry.value : parameters[name];
            const shown = Array.isArray(value) ? placeholder(texts(value)) : isObject(value) ? JSON.stringify(value) : text(value);
            return (
              <div key={name}>
                <div className="lab mono">
                  {name}
                  {required && <span className="t3 font-normal">{t('card.required')}</span>}
                </div>
                <Template single node={edited.id} label={name} placeholder={hint || t('branch.value')} value={shown} onChange={(typed) => set(['tool_parameters', name], { type: 'mixed', value: typed })} />
              </div>
            );
          })}
        </div>
      </Section>
      {Object.keys(obj(data.tool_configurations)).length > 0 && (
        <Section title={t('tool.configurations')}>
          <JsonEditor label={t('tool.configurations')} off={edited.off} value={obj(data.tool_configurations)} onChange={(value) => set(['tool_configurations'], value)} />
        </Section>
      )}
    </>
  );
}

export function KnowledgeSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const { data, set } = edited;
  const { data: datasets, error } = useQuery({ queryKey: ['datasets'], queryFn: () => all((cursor) => ok(listDatasets({ query: { limit: 200, cursor } }))), retry: false });
  const chosen = texts(data.dataset_ids);
  const missing = chosen.filter((id) => datasets !== undefined && !datasets.some((each) => each.id === id || each.name === id || each.aliases.includes(id)));
  const retrieval = obj(data.multiple_retrieval_config);
  return (
    <>
      <Section title={t('knowledge.query')}>
        <SelectorField node={edited.id} label={t('knowledge.query')} value={texts(data.query_variable_selector)} onChange={(selector) => set(['query_variable_selector'], selector)} />
      </Section>
      <Section title={t('knowledge.datasets')}>
        {error !== null && <p className="t3 sm">{t('knowledge.closed')}</p>}
        <div className="col g4">
          {datasets?.map((dataset) => {
            const on = chosen.some((id) => id === dataset.id || id === dataset.name || dataset.aliases.includes(id));
            return (
              <div className="row" key={dataset.id}>
                <Checkbox
                  label={<span className="row g6"><Icon of={Database} size="s" className="t3" /> {dataset.name}</span>}
                  checked={on}
                  disabled={edited.off}
                  onChange={(next) => set(['dataset_ids'], next ? [...chosen, dataset.id] : chosen.filter((id) => id !== dataset.id && id !== dataset.name && !dataset.aliases.includes(id)))}
                />
                <span className="end t3 sm">{t('knowledge.documents', { count: dataset.documents })}</span>
              </div>
            );
          })}
          {datasets?.length === 0 && chosen.length === 0 && <p className="t3 sm">{t('knowledge.none')}</p>}
        </div>
        {missing.length > 0 && (
          <Note tone="warn" className="mt-2" title={t('knowledge.missing', { count: missing.length })}>
            <span className="mono xs break-all">{missing.join(', ')}</span>
          </Note>
        )}
      </Section>
      <Section title={t('knowledge.results')}>
        <TextPair edited={edited} path={['multiple_retrieval_config', 'top_k']} label={t('knowledge.topK')} numeric />
        <TextPair edited={edited} path={['multiple_retrieval_config', 'score_threshold']} label={t('knowledge.threshold')} numeric />
        <Switch label={t('knowledge.rerank')} checked={bool(retrieval.reranking_enable)} disabled={edited.off} onChange={(on) => set(['multiple_retrieval_config', 'reranking_enable'], on)} />
      </Section>
      {modelPlaces('knowledge-retrieval', data).map(({ path, model }) => (
        <ModelSection key={path.join('.')} node={edited.id} type={path.at(-1) === 'reranking_model' ? 'rerank' : 'llm'} title={t(`knowledge.place.${path.at(-1)}`, { defaultValue: t('model.title') })} model={model} onChange={(next) => set(path, next)} />
      ))}
    </>
  );
}

export function AgentSettings({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const { data, set } = edited;
  const parameters = obj(data.agent_parameters);
  const tools = objects(obj(parameters.tools).value);
  const textOf = (name: string) => text(obj(parameters[name]).value);
  return (
    <>
      <ModelSection node={edited.id} model={obj(obj(parameters.model).value)} onChange={(model) => set(['agent_parameters', 'model'], { type: 'constant', ...obj(parameters.model), value: model })} />
      <Section title={t('agent.strategy')}>
        <ChoicePair edited={edited} path={['agent_strategy_name']} label={t('agent.strategy')} options={['function_calling', 'ReAct'].map((value) => ({ value, label: t(`agent.strategies.${value}`) }))} />
        <TextPair edited={edited} path={['agent_parameters', 'maximum_iterations', 'value']} label={t('agent.rounds')} numeric />
      </Section>
      <Section title={t('agent.instruction')}>
        <Template className="tall" node={edited.id} label={t('agent.instruction')} value={textOf('instruction')} onChange={(value) => set(['agent_parameters', 'instruction'], { type: 'mixed', value })} />
      </Section>
      <Section title={t('agent.query')}>
        <Template node={edited.id} label={t('agent.query')} value={textOf('query')} onChange={(value) => set(['agent_parameters', 'query'], { type: 'mixed', value })} />
      </Section>
      <Section title={t('agent.tools')}>
        {tools.length === 0 && <p className="t3 sm">{t('agent.noTools')}</p>}
        {tools.map((tool, index) => (
          <Checkbox key={index} label={<span>{str(tool.tool_label) || str(tool.tool_name)} <span className="t3 sm">{str(tool.provider_show_name) || str(tool.provider_name)}</span></span>} checked={tool.enabled !== false} disabled={edited.off} onChange={(enabled) => set(['agent_parameters', 'tools', 'value', index, 'enabled'], enabled)} />
        ))}
      </Section>
    </>
  );
}
