/** What does not work as it stands: the findings of the server's check, each at its node. */
import { type Draft, findNode, titleOf } from './draft';

export interface Finding {
  severity?: string | undefined;
  code: string;
  message: string;
  node_id?: string | null | undefined;
  field?: string | null | undefined;
  line?: number | null | undefined;
}

export interface Problem {
  severity: 'error' | 'warning';
  code: string;
  message: string;
  /** The node to go to; none for what is about the whole document. */
  node?: string;
  title?: string;
  field?: string;
  line?: number;
}

/** Informational codes are no problems, and neither is that a document is newer or older than its format. */
const SILENT = new Set(['version_older', 'version_newer', 'credential_settings_not_applied']);

/** The findings as a list: errors first, then in the order of the document. */
export function problemsOf(draft: Draft, findings: readonly Finding[]): Problem[] {
  const order = new Map(draft.nodes.map((node, index) => [node.id, index]));
  const place = (problem: Problem) => (problem.node === undefined ? -1 : (order.get(problem.node) ?? draft.nodes.length));
  return findings
    .filter(
      (finding) => (finding.severity === undefined || finding.severity === 'error' || finding.severity === 'warning') && !SILENT.has(finding.code),
    )
    .map((finding): Problem => {
      const node = finding.node_id == null ? undefined : findNode(draft, finding.node_id);
      return {
        severity: finding.severity === 'warning' ? 'warning' : 'error',
        code: finding.code,
        message: finding.message,
        ...(node === undefined ? {} : { node: node.id, title: titleOf(node) }),
        ...(finding.field == null ? {} : { field: finding.field }),
        ...(finding.line == null ? {} : { line: finding.line }),
      };
    })
    .sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error') || place(a) - place(b));
}

/** The worst that is wrong with each node. */
export function worstByNode(problems: readonly Problem[]): Map<string, Problem['severity']> {
  const worst = new Map<string, Problem['severity']>();
  for (const problem of problems) {
    if (problem.node !== undefined && worst.get(problem.node) !== 'error') worst.set(problem.node, problem.severity);
  }
  return worst;
}

/** The node of the problem after the one at which somebody is. */
export function nextProblem(problems: readonly Problem[], here: string | undefined): string | undefined {
  const nodes = [...new Set(problems.flatMap((problem) => problem.node ?? []))];
  const index = here === undefined ? -1 : nodes.indexOf(here);
  return nodes[(index + 1) % Math.max(1, nodes.length)];
}
