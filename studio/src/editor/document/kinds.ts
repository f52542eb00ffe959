/** What there is to know about each node type: its family, its branches, what a new one holds. */
import { type JsonObject, objects, str, text } from './json';

export type Family = 'model' | 'know' | 'flow' | 'data' | 'io' | 'term';

interface Kind {
  family: Family;
  /** Where *Add node* lists it; none for those that come with another one. */
  group?: 'model' | 'know' | 'flow' | 'data' | 'io' | 'term' | 'trigger';
  /** Only in a mode, or only in a container. */
  only?: 'workflow' | 'advanced-chat' | 'loop';
  input: boolean;
  output: boolean;
  /** What a new node of this type holds besides `type` and `title`. */
  fresh: () => JsonObject;
}

const model = (): JsonObject => ({ provider: '', name: '', mode: 'chat', completion_params: {} });
const ports = { input: true, output: true };

const KINDS: Record<string, Kind> = {
  start: { family: 'term', group: 'trigger', input: false, output: true, fresh: () => ({ variables: [] }) },
  answer: { family: 'term', group: 'term', only: 'advanced-chat', ...ports, fresh: () => ({ answer: '', variables: [] }) },
  end: { family: 'term', group: 'term', only: 'workflow', input: true, output: false, fresh: () => ({ outputs: [] }) },
  llm: {
    family: 'model',
    group: 'model',
    ...ports,
    fresh: () => ({
      model: model(),
      prompt_template: [{ role: 'system', text: '' }],
      context: { enabled: false, variable_selector: [] },
      vision: { enabled: false },
    }),
  },
  'question-classifier': {
    family: 'model',
    group: 'model',
    ...ports,
    fresh: () => ({
      model: model(),
      query_variable_selector: [],
      instruction: '',
      classes: [
        { id: '1', name: '' },
        { id: '2', name: '' },
      ],
    }),
  },
  'parameter-extractor': {
    family: 'model',
    group: 'model',
    ...ports,
    fresh: () => ({ model: model(), query: [], parameters: [], instruction: '', reasoning_mode: 'function_call' }),
  },
  agent: {
    family: 'model',
    group: 'model',
    ...ports,
    fresh: () => ({
      agent_strategy_provider_name: 'langgenius/agent/agent',
      agent_strategy_name: 'function_calling',
      agent_strategy_label: 'Function calling',
      agent_parameters: {
        model: { type: 'constant', value: model() },
        query: { type: 'mixed', value: '' },
        instruction: { type: 'mixed', value: '' },
        tools: { type: 'constant', value: [] },
        maximum_iterations: { type: 'constant', value: 3 },
      },
    }),
  },
  'knowledge-retrieval': {
    family: 'know',
    group: 'know',
    ...ports,
    fresh: () => ({
      query_variable_selector: [],
      dataset_ids: [],
      retrieval_mode: 'multiple',
      multiple_retrieval_config: { top_k: 4, score_threshold: null, reranking_enable: false },
    }),
  },
  'document-extractor': { family: 'know', group: 'know', ...ports, fresh: () => ({ variable_selector: [], is_array_file: false }) },
  'if-else': {
    family: 'flow',
    group: 'flow',
    ...ports,
    fresh: () => ({ cases: [{ case_id: 'true', logical_operator: 'and', conditions: [] }] }),
  },
  iteration: {
    family: 'flow',
    group: 'flow',
    ...ports,
    fresh: () => ({
      iterator_selector: [],
      output_selector: [],
      output_type: 'array[string]',
      is_parallel: false,
      parallel_nums: 10,
      error_handle_mode: 'terminated',
      flatten_output: true,
    }),
  },
  loop: {
    family: 'flow',
    group: 'flow',
    ...ports,
    fresh: () => ({ loop_count: 10, logical_operator: 'and', break_conditions: [], loop_variables: [] }),
  },
  'iteration-start': { family: 'flow', input: false, output: true, fresh: () => ({}) },
  'loop-start': { family: 'flow', input: false, output: true, fresh: () => ({}) },
  'loop-end': { family: 'flow', group: 'flow', only: 'loop', input: true, output: false, fresh: () => ({}) },
  'human-input': {
    family: 'flow',
    group: 'flow',
    ...ports,
    fresh: () => ({
      delivery_methods: [{ id: 'webapp', type: 'webapp', enabled: true, config: {} }],
      form_content: '',
      inputs: [],
      user_actions: [{ id: 'approve', title: 'Approve', button_style: 'primary' }],
      timeout: 36,
      timeout_unit: 'hour',
    }),
  },
  code: {
    family: 'data',
    group: 'data',
    ...ports,
    fresh: () => ({
      code_language: 'python3',
      code: 'def main(arg1: str) -> dict:\n    return {"result": arg1}\n',
      variables: [{ variable: 'arg1', value_selector: [] }],
      outputs: { result: { type: 'string', children: null } },
    }),
  },
  'template-transform': { family: 'data', group: 'data', ...ports, fresh: () => ({ template: '', variables: [] }) },
  'variable-aggregator': { family: 'data', group: 'data', ...ports, fresh: () => ({ output_type: 'string', variables: [] }) },
  'variable-assigner': { family: 'data', ...ports, fresh: () => ({ output_type: 'string', variables: [] }) },
  assigner: { family: 'data', group: 'data', ...ports, fresh: () => ({ version: '2', items: [] }) },
  'list-operator': {
    family: 'data',
    group: 'data',
    ...ports,
    fresh: () => ({
      variable: [],
      filter_by: { enabled: false, conditions: [] },
      extract_by: { enabled: false, serial: '1' },
      order_by: { enabled: false, key: '', value: 'asc' },
      limit: { enabled: false, size: 10 },
    }),
  },
  'http-request': {
    family: 'io',
    group: 'io',
    ...ports,
    fresh: () => ({
      method: 'get',
      url: '',
      authorization: { type: 'no-auth', config: null },
      headers: '',
      params: '',
      body: { type: 'none', data: [] },
      timeout: {},
      retry_config: { retry_enabled: true, max_retries: 3, retry_interval: 100 },
    }),
  },
  tool: {
    family: 'io',
    group: 'io',
    ...ports,
    fresh: () => ({
      provider_id: '',
      provider_type: 'builtin',
      provider_name: '',
      tool_name: '',
      tool_label: '',
      tool_configurations: {},
      tool_parameters: {},
    }),
  },
  'trigger-webhook': {
    family: 'term',
    group: 'trigger',
    input: false,
    output: true,
    fresh: () => ({
      method: 'post',
      content_type: 'application/json',
      headers: [],
      params: [],
      body: [],
      async_mode: true,
      status_code: 200,
      response_body: '',
    }),
  },
  'trigger-schedule': {
    family: 'term',
    group: 'trigger',
    input: false,
    output: true,
    fresh: () => ({ mode: 'cron', cron_expression: '0 9 * * *', timezone: 'UTC' }),
  },
  'trigger-plugin': { family: 'term', input: false, output: true, fresh: () => ({}) },
  datasource: { family: 'io', input: false, output: true, fresh: () => ({}) },
  'knowledge-index': { family: 'know', input: true, output: false, fresh: () => ({}) },
};

export const isKnownKind = (kind: string): boolean => Object.hasOwn(KINDS, kind);
export const isRootKind = (kind: string): boolean => kind === 'start' || kind === 'datasource' || kind.startsWith('trigger-');
export const familyOf = (kind: string): Family => KINDS[kind]?.family ?? 'flow';
export const hasInput = (kind: string): boolean => KINDS[kind]?.input ?? true;
export const hasOutput = (kind: string): boolean => KINDS[kind]?.output ?? true;
export const freshData = (kind: string): JsonObject => KINDS[kind]?.fresh() ?? {};

/** The types that may be added: to the graph of a mode, or inside of a container. */
export function addable(mode: string, container: string | undefined): { kind: string; group: string }[] {
  return Object.entries(KINDS).flatMap(([kind, about]) => {
    if (about.group === undefined) return [];
    if (about.only !== undefined && about.only !== mode && about.only !== container) return [];
    if (container !== undefined && (about.group === 'trigger' || kind === 'iteration' || kind === 'loop' || kind === 'end')) return [];
    return [{ kind, group: about.group }];
  });
}

export type BranchLabel = 'if' | 'elif' | 'else' | 'class' | 'action' | 'timeout' | 'error';

/** A way out of a node that has a row and a handle of its own. */
export interface Branch {
  handle: string;
  label: BranchLabel;
  /** What the author called it. */
  text: string;
  /** The case, class or action that it stands for. */
  source: JsonObject;
}

/** The cases of an if-else; old files have one, at the top. */
export function casesOf(data: JsonObject): JsonObject[] {
  if (Array.isArray(data.cases)) return objects(data.cases);
  if (!Array.isArray(data.conditions)) return [];
  return [{ case_id: 'true', logical_operator: data.logical_operator ?? 'and', conditions: data.conditions }];
}

/** The branches of a node, in the order of its rows. Nodes without any have the one handle `source`. */
export function branchesOf(kind: string, data: JsonObject): Branch[] {
  const branches: Branch[] = [];
  if (kind === 'if-else') {
    casesOf(data).forEach((source, index) => {
      branches.push({ handle: text(source.case_id) || text(source.id) || 'true', label: index === 0 ? 'if' : 'elif', text: '', source });
    });
    branches.push({ handle: 'false', label: 'else', text: '', source: {} });
  } else if (kind === 'question-classifier') {
    for (const source of objects(data.classes)) branches.push({ handle: text(source.id), label: 'class', text: str(source.name), source });
  } else if (kind === 'human-input') {
    for (const source of objects(data.user_actions)) branches.push({ handle: text(source.id), label: 'action', text: str(source.title), source });
    branches.push({ handle: '__timeout', label: 'timeout', text: '', source: {} });
  }
  if (str(data.error_strategy) === 'fail-branch') branches.push({ handle: 'fail-branch', label: 'error', text: '', source: {} });
  return branches;
}

/** Whether a node has the one plain handle at its right. */
export function hasPlainOutput(kind: string, data: JsonObject): boolean {
  return hasOutput(kind) && branchesOf(kind, data).every((branch) => branch.label === 'error');
}

/** Every handle that an edge may start at. */
export function handlesOf(kind: string, data: JsonObject): string[] {
  const branches = branchesOf(kind, data).map((branch) => branch.handle);
  return hasPlainOutput(kind, data) ? ['source', ...branches] : branches;
}

/** The types for which Dify's editor offers retries, and those for which it offers an error strategy. */
export const mayRetry = (kind: string): boolean => ['llm', 'tool', 'http-request', 'code'].includes(kind);
export const mayHandleErrors = (kind: string): boolean => mayRetry(kind) || kind === 'agent';
