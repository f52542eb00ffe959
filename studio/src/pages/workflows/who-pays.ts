import type { ResolveRow, WorkflowView } from '@latchkey/client';
import { useQueries } from '@tanstack/react-query';
import { resolveQuery, type WhoPays, whoPays } from '@/api/resolve';

export type Payers = {
  get: (workflow: string) => WhoPays | undefined;
  /** Names of the models and providers, for the filter. */
  models: (workflow: string) => string;
};

/** Asks the server for each workflow of the list; the live version where there is one. */
export function useWhoPays(workflows: WorkflowView[]): Payers {
  return useQueries({
    queries: workflows.map((workflow) => resolveQuery(workflow.id, workflow.published_version ? 'published' : 'draft', workflow.updated_at)),
    combine: (results) => {
      const rows = new Map<string, ResolveRow[]>();
      results.forEach((result, index) => {
        const workflow = workflows[index];
        if (workflow && result.data) rows.set(workflow.id, result.data);
      });
      return {
        get: (id: string) => {
          const found = rows.get(id);
          return found && whoPays(found);
        },
        models: (id: string) => (rows.get(id) ?? []).map((row) => `${row.model} ${row.provider}`).join(' '),
      };
    },
  });
}
