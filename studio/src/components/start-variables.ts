/** One variable that a start node declares. */
export type StartVariable = { name: string; label: string; type: string; required: boolean; options: string[]; maxLength: number | null; default: string };

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown) => (typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '');

/** What the first start node of a document asks for. */
export function startVariables(document: unknown): StartVariable[] {
  const top = record(document);
  const graph = record(record(top.workflow).graph);
  const start = list(graph.nodes).map(record).find((node) => record(node.data).type === 'start');
  return list(record(start?.data).variables).map(record).flatMap((variable) => {
    const name = text(variable.variable);
    if (!name || variable.hide === true) return [];
    return [{ name, label: text(variable.label) || name, type: text(variable.type) || 'text-input', required: variable.required === true, options: list(variable.options).map(text), maxLength: typeof variable.max_length === 'number' ? variable.max_length : null, default: text(variable.default) }];
  });
}

/** Values as typed, in the types that the variables declare; empty ones are left out. */
export function startInputs(variables: StartVariable[], typed: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    variables.flatMap((variable): [string, unknown][] => {
      const value = typed[variable.name] ?? variable.default;
      if (value === '') return [];
      if (variable.type === 'number') return [[variable.name, Number(value)]];
      if (variable.type === 'checkbox') return [[variable.name, value === 'true']];
      return [[variable.name, value]];
    }),
  );
}
