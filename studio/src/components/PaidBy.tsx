import type { RunView } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { credentialsQuery } from '@/api/queries';
import { CredentialName, last4 } from './CredentialName';
import { Tag } from './Tag';

/** The last four of each credential, by its id. */
export function useLastFours(): ReadonlyMap<string, string> {
  const { data } = useQuery(credentialsQuery);
  return useMemo(() => new Map((data ?? []).map((credential) => [credential.id, last4(credential)])), [data]);
}

/** Whose key was asked to pay for a run first, and how many more were. */
export function PaidBy({ keys, fours }: { keys: RunView['credentials']; fours: ReadonlyMap<string, string> }) {
  const first = keys?.[0];
  if (!first) return <span className="t3">—</span>;
  return (
    <span className="row g6">
      <CredentialName provider={first.provider} name={first.name} last4={first.id ? fours.get(first.id) : undefined} bad={!first.has_paid} />
      {keys.length > 1 && <Tag title={keys.map((key) => key.name).join(', ')}>+{keys.length - 1}</Tag>}
    </span>
  );
}
