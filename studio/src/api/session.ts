import { queryOptions, useQuery } from '@tanstack/react-query';
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

function keep(session: Session): Session {
  setCsrfToken(session.csrf_token ?? null);
  return session;
}

const everything = [
  'workflows:read', 'workflows:write', 'workflows:publish', 'runs:read', 'runs:write', 'credentials:read', 'credentials:write',
  'credentials:bind', 'usage:read', 'api_keys:write', 'datasets:read', 'datasets:write', 'audit:read',
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
    if (isStatus(error, 401)) return null;
    if (isStatus(error, 404)) return withoutAccounts();
    throw error;
  }
}

export const sessionQuery = queryOptions({ queryKey: ['session'], queryFn: load, staleTime: 60_000, retry: false });

export const signIn = async (body: { email: string; password: string }) => keep(await request<Session>('POST', sessionPath, body));
export const signOut = () => request<void>('DELETE', sessionPath);
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

/** Which roles hold a permission, weakest first; for sentences that say who may. */
export function roleFor(permission: string): Role {
  if (permission.startsWith('members') || permission === 'api_keys:write' || permission === 'audit:read') return 'admin';
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
