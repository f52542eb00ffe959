import { getSettings, importWorkflow, type ImportedView, putSettings } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { ok, okTagged } from '@/api/http';
import { bindings, type Choice, mapping } from './file';

export type Source = { id: string; name: string; size: number; content: string };

export type Options = { choices: Map<string, Choice>; confirmNewer: boolean; bind: boolean; workflowId: string | null };

/** What the server would say; nothing is stored. */
export const useReport = (source: Source | undefined, confirmNewer: boolean) =>
  useQuery({
    queryKey: ['import', source?.id, source?.content.length, confirmNewer],
    enabled: !!source,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    queryFn: () => ok(importWorkflow({ body: { content: source?.content ?? '', dry_run: true, confirm_newer: confirmNewer } })),
  });

/** Stores the file as a draft, with the names that were chosen for it, then binds the models that name no key. */
export async function importFile(source: Source, report: ImportedView['report'], options: Options): Promise<string> {
  const credential_mapping = mapping(report.credentials, options.choices);
  const answer = await ok(
    importWorkflow({
      body: {
        content: source.content,
        confirm_newer: options.confirmNewer,
        bind: options.bind,
        ...(options.workflowId ? { workflow_id: options.workflowId } : {}),
        ...(Object.keys(credential_mapping).length > 0 ? { credential_mapping } : {}),
      },
    }),
  );
  const id = answer.workflow?.id;
  if (!id) throw new Error('the import has no workflow');
  const chosen = bindings(report.credentials, options.choices);
  if (chosen.length > 0) {
    const { data: settings, etag } = await okTagged(getSettings({ path: { id } }));
    const others = (settings.bindings ?? []).filter((old) => old.environment || !chosen.some((binding) => binding.provider === old.provider && binding.model === old.model));
    await ok(putSettings({ path: { id }, body: { ...settings, bindings: [...others, ...chosen] }, headers: etag ? { 'If-Match': etag } : {} }));
  }
  return id;
}
