import { queryOptions, useQuery } from '@tanstack/react-query';
import { setSessionEnded } from './connection';
import { request, setCsrfToken } from './http';
import { ApiError, isStatus } from './problem';

export type Role = 'owner' | 'admin' | 'editor' | 'viewer';
export type Session = {
  member: { id: string; name: string; email: string; role: Role } | null;
  workspace: { id: string; name: string };
  permissions: string[];
  csrf_token?: string;
};

const sessionPath = '/api/v1/session';

/** Who was signed in last; a page that is open stays theirs when the session ends. */
let last: Session | null = null;

function keep(session: Session): Session {
  setCsrfToken(session.csrf_token ?? null);
  last = session;
  return session;
}

const everything = [
  'workflows:read', 'workflows:write', 'workflows:publish', 'runs:read', 'runs:write', 'credentials:read', 'credentials:write',
  'credentials:bind', 'usage:read', 'api_keys:write', 'datasets:read', 'datasets:write', 'audit:read', 'members:read', 'members:write', 'workspace:write',
];

/** A server that has no accounts knows only keys; what the key may do shows when it is refused. */
async function withoutAccounts(): Promise<Session | null> {
  try {
    await request('GET', '/api/v1/workflows?limit=1');
    return { member: null, workspace: { id: '', name: 'Latchkey' }, permissions: everything };
  } catch (error) {
    if (isStatus(error, 401)) return null;
    throw error;
  }
}

/** Null when nobody is signed in. */
async function load(): Promise<Session | null> {
  try {
    return keep(await request<Session>('GET', sessionPath));
  } catch (error) {
    if (isStatus(error, 401)) {
      if (last) setSessionEnded(true);
      return last;
    }
    if (isStatus(error, 404)) return withoutAccounts();
    throw error;
  }
}

export const sessionQuery = queryOptions({ queryKey: ['session'], queryFn: load, staleTime: 60_000, retry: false });

export const signIn = async (body: { email: string; password: string }) => keep(await request<Session>('POST', sessionPath, body));
export const signOut = async () => {
  await request<void>('DELETE', sessionPath);
  last = null;
  setCsrfToken(null);
};
export const changeMe = (body: { name?: string; current_password?: string; new_password?: string }) =>
  request<unknown>('PATCH', sessionPath, body);

export const setupQuery = queryOptions({
  queryKey: ['setup'],
  queryFn: () => request<{ needed: boolean }>('GET', '/api/v1/setup'),
  staleTime: 0,
  retry: false,
});
export const setUp = async (body: { token: string; name: string; email: string; password: string }) =>
  keep(await request<Session>('POST', '/api/v1/setup', body));

export type InvitationOffer = { email: string; role: Role; workspace_name: string };
export const invitationOffer = (token: string) =>
  request<InvitationOffer>('GET', `/api/v1/invitations/by-token?token=${encodeURIComponent(token)}`);
export const acceptInvitation = async (body: { token: string; name: string; password: string }) =>
  keep(await request<Session>('POST', '/api/v1/invitations/accept', body));

/** The weakest role that holds a permission, for sentences that say who may. The server decides by its own table. */
export function roleFor(permission: string): Role {
  if (permission === 'workspace:write') return 'owner';
  if (['members:write', 'credentials:write', 'api_keys:write', 'audit:read'].includes(permission)) return 'admin';
  return permission.endsWith(':read') ? 'viewer' : 'editor';
}

export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new ApiError(401, { code: 'unauthenticated' });
  return data;
}

/** Whether the person may do this. What it means for a role is the server's to say. */
export function useMay(permission: string): boolean {
  return useSession().permissions.includes(permission);
}

export type Member = { id: string; name: string; email: string; role: Role; disabled: boolean; created_at: string; last_seen_at?: string | null };
export type Invitation = { id: string; email: string; role: Role; invited_by?: string; created_at?: string; expires_at: string; url?: string };
type List<T> = { data: T[]; next_cursor?: string | null };

const pages = async <T>(path: string): Promise<T[]> => {
  const rows: T[] = [];
  let cursor: string | null | undefined;
  do {
    const answer: List<T> = await request<List<T>>('GET', `${path}?limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
    rows.push(...answer.data);
    cursor = answer.next_cursor;
  } while (cursor);
  return rows;
};

export const membersQuery = queryOptions({ queryKey: ['members'], queryFn: () => pages<Member>('/api/v1/members'), retry: false });
export const invitationsQuery = queryOptions({ queryKey: ['invitations'], queryFn: () => pages<Invitation>('/api/v1/invitations'), retry: false });
export const changeMember = (id: string, body: { role?: Role; disabled?: boolean }) => request<Member>('PATCH', `/api/v1/members/${id}`, body);
export const removeMember = (id: string) => request<void>('DELETE', `/api/v1/members/${id}`);
export const invite = (body: { email: string; role: Role }) => request<Invitation>('POST', '/api/v1/invitations', body);
export const revokeInvitation = (id: string) => request<void>('DELETE', `/api/v1/invitations/${id}`);
