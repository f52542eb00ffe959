/** The live credential settings of the open workflow. They are no part of the draft: a change holds at the next call, in every version. */
import { getSettings, putSettings, type SettingsBody } from '@latchkey/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ok, okTagged } from '@/api/http';
import { useEditor } from '../state/context';

export function useSettings() {
  const { workflow } = useEditor();
  return useQuery({
    queryKey: ['workflows', workflow, 'settings'],
    queryFn: () => okTagged(getSettings({ path: { id: workflow } })),
    retry: false,
    staleTime: 30_000,
  });
}

/** Replaces them, if they are still those that were read. Who would pay is asked again afterwards. */
export function useChangeSettings(onDone?: () => void) {
  const { workflow } = useEditor();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ body, etag }: { body: SettingsBody; etag: string | null }) => ok(putSettings({ path: { id: workflow }, body, headers: etag === null ? {} : { 'If-Match': etag } })),
    onSuccess: () => onDone?.(),
    onSettled: () => Promise.all([client.invalidateQueries({ queryKey: ['workflows', workflow, 'settings'] }), client.invalidateQueries({ queryKey: ['resolve'] })]),
  });
}

/** Whether a pattern, in which `*` stands for any text, takes a name. */
export const takes = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`, 's').test(name);

/** The pattern of all names that a template may give: `customer-{{#start.tenant#}}` gives `customer-*`. */
export const patternOf = (template: string): string => template.replace(/\{\{#[^#}]+#\}\}/g, '*').replace(/\*+/g, '*');

/** Whether the patterns leave room for every name that a template may give. */
export const allows = (patterns: readonly string[], template: string): boolean => {
  const wanted = patternOf(template);
  // Whatever stands for a star is taken by a star only.
  return patterns.some((pattern) => pattern === wanted || takes(pattern, wanted.replaceAll('*', '\u0001\u0001')));
};
