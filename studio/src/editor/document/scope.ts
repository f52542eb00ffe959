/** Which variables a node may use: what nodes before it put out, what its containers give it, and the namespaces of the run. */
import { type DocNode, type Draft, containerOf, findNode, kindOf, modeOf, titleOf } from './draft';
import { type JsonObject, bool, isObject, list, obj, objects, str, text } from './json';

export type Origin = 'node' | 'sys' | 'env' | 'conversation';

export interface Variable {
  selector: string[];
  type: string;
  required?: boolean;
  /** Only a run can give it; the values of the start form, `env` and defaults are known before. */
  later: boolean;
}

export interface VariableGroup {
  /** A node's id, or `sys`, `env`, `conversation`. */
  id: string;
  origin: Origin;
  title: string;
  kind: string;
  variables: Variable[];
}

const FORM_TYPES: Record<string, string> = {
  'text-input': 'string',
  paragraph: 'string',
  select: 'string',
  number: 'number',
  checkbox: 'boolean',
  file: 'file',
  'file-list': 'array[file]',
  json_object: 'object',
};

type Output = [name: string, type: string, required?: boolean];

function schemaOutputs(schema: JsonObject, prefix = ''): Output[] {
  return Object.entries(obj(schema.properties)).flatMap(([name, about]): Output[] => {
    const inner = obj(about);
    const type = str(inner.type) === 'array' ? `array[${str(obj(inner.items).type) || 'object'}]` : str(inner.type) || 'string';
    const here: Output = [prefix + name, type];
    return isObject(inner.properties) ? [here, ...schemaOutputs(inner, `${prefix}${name}.`)] : [here];
  });
}

/** What a node puts out, with types; a dotted name is a path. */
export function outputsOf(kind: string, data: JsonObject): Output[] {
  const failed: Output[] =
    str(data.error_strategy) === '' || str(data.error_strategy) === 'none'
      ? []
      : [
          ['error_message', 'string'],
          ['error_type', 'string'],
        ];
  return [...ownOutputs(kind, data), ...failed];
}

function ownOutputs(kind: string, data: JsonObject): Output[] {
  switch (kind) {
    case 'start':
      return objects(data.variables).map((item) => [str(item.variable), FORM_TYPES[str(item.type)] ?? 'string', bool(item.required)]);
    case 'llm':
      return [
        ['text', 'string'],
        ...(str(data.reasoning_format) === 'separated' ? [['reasoning_content', 'string'] as Output] : []),
        ...(bool(data.structured_output_switch_on) || bool(data.structured_output_enabled)
          ? [['structured_output', 'object'] as Output, ...schemaOutputs(obj(obj(data.structured_output).schema), 'structured_output.')]
          : []),
        ['usage', 'object'],
      ];
    case 'code':
      return Object.entries(obj(data.outputs)).map(([name, about]) => [name, str(obj(about).type) || 'string']);
    case 'template-transform':
      return [['output', 'string']];
    case 'http-request':
      return [
        ['body', 'string'],
        ['status_code', 'number'],
        ['headers', 'object'],
        ['files', 'array[file]'],
      ];
    case 'tool':
      return [['text', 'string'], ['files', 'array[file]'], ['json', 'array[object]'], ...schemaOutputs(obj(data.output_schema))];
    case 'agent':
      return [
        ['text', 'string'],
        ['files', 'array[file]'],
        ['json', 'array[object]'],
        ['usage', 'object'],
      ];
    case 'knowledge-retrieval':
      return [['result', 'array[object]']];
    case 'question-classifier':
      return [
        ['class_name', 'string'],
        ['class_id', 'string'],
        ['class_label', 'string'],
        ['usage', 'object'],
      ];
    case 'parameter-extractor':
      return [
        ...objects(data.parameters).map((item): Output => [str(item.name), str(item.type) || 'string']),
        ['__is_success', 'number'],
        ['__reason', 'string'],
      ];
    case 'iteration':
      return [['output', str(data.output_type) || 'array[string]']];
    case 'loop':
      return [...objects(data.loop_variables).map((item): Output => [str(item.label), str(item.var_type) || 'string']), ['loop_round', 'number']];
    case 'variable-aggregator':
    case 'variable-assigner': {
      const groups = obj(data.advanced_settings);
      if (!bool(groups.group_enabled)) return [['output', str(data.output_type) || 'string']];
      return objects(groups.groups).map((group) => [`${str(group.group_name)}.output`, str(group.output_type) || 'string']);
    }
    case 'list-operator':
      return [
        ['result', str(data.var_type) || 'array[string]'],
        ['first_record', str(data.item_var_type) || 'string'],
        ['last_record', str(data.item_var_type) || 'string'],
      ];
    case 'document-extractor':
      return [['text', bool(data.is_array_file) ? 'array[string]' : 'string']];
    case 'human-input':
      return [
        ...objects(data.inputs).map((item): Output => [str(item.output_variable_name), 'string']),
        ['__action_id', 'string'],
        ['__action_value', 'string'],
        ['__rendered_content', 'string'],
      ];
    case 'if-else':
      return [
        ['result', 'boolean'],
        ['selected_case_id', 'string'],
      ];
    case 'trigger-webhook':
      return [
        ...[...objects(data.params), ...objects(data.body), ...objects(data.headers)].map((item): Output => [
          str(item.name).replaceAll('-', '_'),
          str(item.type) || 'string',
          bool(item.required),
        ]),
        ['_webhook_raw', 'object'],
      ];
    case 'trigger-plugin':
      return schemaOutputs(obj(data.output_schema));
    case 'datasource':
      return [
        ['file', 'file'],
        ['datasource_type', 'string'],
      ];
    default:
      return [];
  }
}

/** What a container gives to the nodes inside of it, besides what it puts out. */
function insideOutputs(draft: Draft, container: DocNode): Output[] {
  if (kindOf(container) === 'loop') return objects(container.data.loop_variables).map((item) => [str(item.label), str(item.var_type) || 'string']);
  const iterator = typeOf(draft, list(container.data.iterator_selector).map(text));
  const item = iterator === undefined ? 'any' : (/^array\[(.+)\]$/.exec(iterator)?.[1] ?? 'any');
  return [
    ['item', item],
    ['index', 'number'],
  ];
}

/** The nodes before a node, the nearest first. */
export function before(draft: Draft, id: string): DocNode[] {
  const found: DocNode[] = [];
  const seen = new Set([id]);
  let ring = [id];
  while (ring.length > 0) {
    const next: string[] = [];
    for (const edge of draft.edges) {
      if (!ring.includes(edge.target) || seen.has(edge.source)) continue;
      seen.add(edge.source);
      next.push(edge.source);
      const node = findNode(draft, edge.source);
      if (node !== undefined) found.push(node);
    }
    ring = next;
  }
  return found;
}

function group(node: DocNode, outputs: Output[], later: boolean): VariableGroup | undefined {
  if (outputs.length === 0) return undefined;
  return {
    id: node.id,
    origin: 'node',
    title: titleOf(node),
    kind: kindOf(node),
    variables: outputs
      .filter(([name]) => name !== '')
      .map(([name, type, required]) => ({ selector: [node.id, ...name.split('.')], type, later, ...(required === undefined ? {} : { required }) })),
  };
}

function namespace(origin: 'env' | 'conversation', items: JsonObject[]): VariableGroup {
  return {
    id: origin,
    origin,
    title: origin,
    kind: origin,
    variables: items.map((item) => ({
      selector: [origin, str(item.name)],
      type: str(item.value_type) || 'string',
      later: origin === 'conversation',
    })),
  };
}

export function environmentVariables(draft: Draft): JsonObject[] {
  return objects(obj(draft.document.workflow).environment_variables);
}

export function conversationVariables(draft: Draft): JsonObject[] {
  return objects(obj(draft.document.workflow).conversation_variables);
}

function system(draft: Draft): VariableGroup {
  const chat: Output[] =
    modeOf(draft) === 'advanced-chat'
      ? [
          ['query', 'string'],
          ['files', 'array[file]'],
          ['conversation_id', 'string'],
          ['dialogue_count', 'number'],
        ]
      : [
          ['files', 'array[file]'],
          ['timestamp', 'number'],
        ];
  const all: Output[] = [...chat, ['user_id', 'string'], ['app_id', 'string'], ['workflow_id', 'string'], ['workflow_run_id', 'string']];
  return {
    id: 'sys',
    origin: 'sys',
    title: 'sys',
    kind: 'sys',
    variables: all.map(([name, type]) => ({ selector: ['sys', name], type, later: name !== 'query' })),
  };
}

/** The variables that a node may use, grouped: the start first, then the nearest nodes, then the namespaces. */
export function scopeOf(draft: Draft, id: string): VariableGroup[] {
  const groups: VariableGroup[] = [];
  const add = (found: VariableGroup | undefined) => {
    if (found !== undefined && found.variables.length > 0 && !groups.some((known) => known.id === found.id)) groups.push(found);
  };
  const visited = new Set<string>();
  for (let here: string | undefined = id; here !== undefined && !visited.has(here);) {
    visited.add(here);
    for (const node of before(draft, here)) add(group(node, outputsOf(kindOf(node), node.data), kindOf(node) !== 'start'));
    const node = findNode(draft, here);
    const container: DocNode | undefined = node === undefined ? undefined : findNode(draft, containerOf(node) ?? '');
    if (container !== undefined) add(group(container, insideOutputs(draft, container), true));
    here = container?.id;
  }
  groups.sort((a, b) => Number(b.kind === 'start') - Number(a.kind === 'start'));
  add(namespace('conversation', conversationVariables(draft)));
  add(namespace('env', environmentVariables(draft)));
  add(system(draft));
  return groups;
}

/** The inner nodes of a container, whose outputs its result may be taken from. */
export function insideScope(draft: Draft, container: string): VariableGroup[] {
  return draft.nodes.filter((node) => containerOf(node) === container).flatMap((node) => group(node, outputsOf(kindOf(node), node.data), true) ?? []);
}

/** The type of a variable, where the document tells it. */
export function typeOf(draft: Draft, selector: readonly string[]): string | undefined {
  const [first = '', ...rest] = selector;
  const name = rest.join('.');
  if (first === 'env') return str(environmentVariables(draft).find((item) => item.name === name)?.value_type) || undefined;
  if (first === 'conversation') return str(conversationVariables(draft).find((item) => item.name === name)?.value_type) || undefined;
  if (first === 'sys') return system(draft).variables.find((item) => item.selector[1] === name)?.type;
  const node = findNode(draft, first);
  if (node === undefined) return undefined;
  const kind = kindOf(node);
  const inside =
    kind === 'iteration' || kind === 'loop'
      ? name === 'item' || kind === 'loop'
        ? insideOutputs(draft, node)
        : [['index', 'number'] as Output]
      : [];
  return [...outputsOf(kind, node.data), ...inside].find(([output]) => output === name)?.[1];
}

/** How a selector reads: `Draft reply.text`. Nodes that are gone are named by their id. */
export function readable(draft: Draft, selector: readonly string[]): { node: string; name: string; known: boolean } {
  const [first = '', ...rest] = selector;
  const name = rest.join('.');
  if (['sys', 'env', 'conversation'].includes(first)) return { node: first, name, known: typeOf(draft, selector) !== undefined };
  const node = findNode(draft, first) ?? (first === 'start' ? draft.nodes.find((candidate) => kindOf(candidate) === 'start') : undefined);
  return { node: node === undefined ? first : titleOf(node), name, known: node !== undefined };
}
