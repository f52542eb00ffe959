/** A small draft for tests: start → classify → (fetch | translate container) → merge → reply → answer. */
import { type DocNode, type Draft, readDraft } from '../draft';
import type { JsonObject } from '../json';

export function node(id: string, data: JsonObject, more: JsonObject = {}): DocNode {
  return { id, type: 'custom', position: { x: 0, y: 0 }, ...more, data: { title: id, ...data } };
}

export function edge(source: string, target: string, sourceHandle = 'source'): JsonObject {
  return { id: `${source}-${sourceHandle}-${target}-target`, source, sourceHandle, target, targetHandle: 'target', type: 'custom' };
}

export function sample(): Draft {
  return readDraft({
    kind: 'app',
    version: '0.6.0',
    app: { name: 'Support desk', mode: 'advanced-chat', icon: '🔑' },
    dependencies: [{ type: 'marketplace', value: { something: 1 } }],
    workflow: {
      environment_variables: [{ name: 'BASE', value_type: 'string', value: 'x' }],
      conversation_variables: [{ name: 'tenant', value_type: 'string', value: '' }],
      features: { opening_statement: 'Hello' },
      graph: {
        viewport: { x: 1, y: 2, zoom: 0.5 },
        nodes: [
          node('start', {
            type: 'start',
            variables: [
              { variable: 'tenant', type: 'text-input', required: true },
              { variable: 'ticket', type: 'paragraph' },
            ],
          }),
          node('classify', {
            type: 'question-classifier',
            classes: [
              { id: '1', name: 'Billing' },
              { id: '2', name: 'How-to' },
            ],
            model: { provider: 'openai', name: 'gpt-4o-mini' },
          }),
          node('fetch', { type: 'http-request', method: 'get', url: '/v2/{{#start.tenant#}}', error_strategy: 'fail-branch' }),
          node(
            'each',
            { type: 'iteration', start_node_id: 'eachstart', iterator_selector: ['classify', 'names'], output_selector: ['inner', 'text'] },
            { width: 400, height: 200 },
          ),
          node('eachstart', { type: 'iteration-start', iteration_id: 'each' }, { type: 'custom-iteration-start', parentId: 'each' }),
          node(
            'inner',
            { type: 'llm', iteration_id: 'each', prompt_template: [{ role: 'user', text: '{{#each.item#}} {{#start.tenant#}}' }] },
            { parentId: 'each' },
          ),
          node('merge', {
            type: 'variable-aggregator',
            variables: [
              ['fetch', 'body'],
              ['each', 'output'],
            ],
          }),
          node('answer', { type: 'answer', answer: '{{#merge.output#}}' }),
        ],
        edges: [
          edge('start', 'classify'),
          edge('classify', 'fetch', '1'),
          edge('classify', 'each', '2'),
          edge('eachstart', 'inner'),
          edge('fetch', 'merge'),
          edge('each', 'merge'),
          edge('merge', 'answer'),
        ],
      },
    },
  });
}
