import { credentialVersions, type CredentialVersionView } from '@latchkey/client';
import { queryOptions } from '@tanstack/react-query';
import { all } from '@/api/queries';
import { ok } from '@/api/http';

export const versionsQuery = (id: string, enabled = true) =>
  queryOptions({
    queryKey: ['credentials', id, 'versions'],
    queryFn: () => all<CredentialVersionView>((cursor) => ok(credentialVersions({ path: { id }, query: { limit: 100, cursor } })), 200),
    enabled,
    staleTime: 15_000,
  });

/** The version before, while it is still accepted. */
export const overlapping = (versions: CredentialVersionView[] | undefined) => versions?.find((version) => version.state === 'usable');

export const lastFour = (version: CredentialVersionView | undefined) => Object.values(version?.values ?? {}).find((value) => value.last4)?.last4 ?? '';
