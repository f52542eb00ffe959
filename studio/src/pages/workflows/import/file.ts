import type { FindingView, ImportedCredentialView, ImportedView, ReportView } from '@latchkey/client';
import { parse } from 'yaml';

/** What a file says about itself, read here only to show it; the server reads it again and decides. */
export type Outline = { name: string; mode: string; version: string; nodes: number; edges: number; titles: Map<string, string> };

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

export function outline(content: string): Outline | null {
  let document: Record<string, unknown>;
  try {
    document = record(parse(content, { maxAliasCount: 100 }));
  } catch {
    return null;
  }
  const app = record(document.app);
  const graph = record(record(document.workflow).graph);
  const nodes = list(graph.nodes).map(record);
  return {
    name: text(app.name),
    mode: text(app.mode),
    version: text(document.version),
    nodes: nodes.length,
    edges: list(graph.edges).length,
    titles: new Map(nodes.map((node) => [text(node.id), text(record(node.data).title) || text(node.id)])),
  };
}

/** The key that a person chose for one model of a file. */
export type Choice = { name: string; kind: 'credential' | 'pool' };

export const rowKey = (row: ImportedCredentialView) => `${row.provider}/${row.model}/${row.selector.credential_name ?? row.selector.credential_id ?? ''}`;
export const named = (row: ImportedCredentialView) => row.selector.credential_name ?? row.selector.credential_id ?? null;

/** Names in the file that stand for others here: what the import takes as `credential_mapping`. */
export function mapping(rows: ImportedCredentialView[], choices: Map<string, Choice>): Record<string, string> {
  const mapped: Record<string, string> = {};
  for (const row of rows) {
    const choice = choices.get(rowKey(row));
    const name = named(row);
    if (choice && name && row.state !== 'by_variable') mapped[`${row.provider}/${name}`] = choice.name;
  }
  return mapped;
}

/** Models that name no key in the file and get one for the workflow. */
export function bindings(rows: ImportedCredentialView[], choices: Map<string, Choice>) {
  return rows.flatMap((row) => {
    const choice = choices.get(rowKey(row));
    return choice && !named(row) ? [{ provider: row.provider, model: row.model, credential_name: choice.name }] : [];
  });
}

export type Verdict = 'ready' | 'shared' | 'variable' | 'missing';

/** How a row would end: the report's word, or what was chosen since. */
export function verdict(row: ImportedCredentialView, choice: Choice | undefined): Verdict {
  if (choice) return 'ready';
  if (row.state === 'by_variable') return 'variable';
  if (row.state === 'missing') return 'missing';
  return named(row) ? 'ready' : 'shared';
}

/** The rows for which a key of the same name is here. */
export function matches(rows: ImportedCredentialView[], here: { provider: string; name: string; kind: Choice['kind'] }[]): Map<string, Choice> {
  const found = new Map<string, Choice>();
  for (const row of rows) {
    const name = named(row);
    const same = name && here.find((key) => key.provider === row.provider && key.name.toLowerCase() === name.toLowerCase());
    if (same) found.set(rowKey(row), { name: same.name, kind: same.kind });
  }
  return found;
}

/** What a person should read: not what is only information, and not the missing keys, which have their own table. */
export const toLookAt = (report: ReportView): FindingView[] => report.items.filter((item) => item.severity !== 'info' && item.code !== 'credential_missing' && item.code !== 'credential_not_found');

export const errorsOf = (report: ReportView) => report.items.filter((item) => item.severity === 'error');

export const isNewer = (answer: ImportedView) => answer.report.status === 'pending';

/** Nodes about which the report says nothing. */
export function untouched(report: ReportView, total: number): number {
  const touched = new Set(toLookAt(report).flatMap((item) => (item.node_id ? [item.node_id] : [])));
  return Math.max(0, total - touched.size);
}
