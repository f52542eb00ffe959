import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { sessionQuery, setupQuery } from '@/api/session';
import { ListPage } from '@/pages/workflows/ListPage';
import { NothingHere } from '@/components/NothingHere';
import { BrokenPage } from './Broken';
import { queryClient } from './query-client';
import { Shell } from './Shell';

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
  interface StaticDataRouteOption {
    /** The narrow sidebar, for pages that need the width. */
    rail?: boolean;
  }
}

/** Values of an address; what is not a text there is not taken. */
const texts =
  <K extends string>(...keys: K[]) =>
  (search: Record<string, unknown>): { [P in K]?: string } => {
    const found: { [P in K]?: string } = {};
    for (const key of keys) {
      const value = search[key];
      if (typeof value === 'string' && value) found[key] = value;
      else if (typeof value === 'number' || typeof value === 'boolean') found[key] = String(value);
    }
    return found;
  };

const root = createRootRoute({ notFoundComponent: NothingHere, errorComponent: BrokenPage });

/** Everything that needs somebody who is signed in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Shell,
  beforeLoad: async ({ location }) => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (session) return;
    const setup = await queryClient.fetchQuery(setupQuery).catch(() => ({ needed: false }));
    if (setup.needed) throw redirect({ to: '/setup' });
    throw redirect({ to: '/login', search: location.pathname === '/' ? {} : { to: location.href } });
  },
});

const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/workflows', replace: true });
  },
});

const workflows = createRoute({
  getParentRoute: () => inside,
  path: '/workflows',
  validateSearch: texts('q', 'mode', 'key', 'view', 'import'),
  component: ListPage,
});
const editor = createRoute({
  getParentRoute: () => inside,
  path: '/workflows/$id',
  validateSearch: texts('view', 'node', 'run', 'version', 'against', 'panel'),
  staticData: { rail: true },
  component: lazyRouteComponent(() => import('@/editor/EditorPage'), 'EditorPage'),
});
const chat = createRoute({
  getParentRoute: () => inside,
  path: '/workflows/$id/chat',
  validateSearch: texts('conversation'),
  component: lazyRouteComponent(() => import('@/pages/chat/ChatPage'), 'ChatPage'),
});
const runs = createRoute({
  getParentRoute: () => inside,
  path: '/runs',
  validateSearch: texts('workflow', 'status', 'environment', 'user', 'credential', 'from', 'to'),
  component: lazyRouteComponent(() => import('@/pages/runs/ListPage'), 'ListPage'),
});
const run = createRoute({
  getParentRoute: () => inside,
  path: '/runs/$id',
  validateSearch: texts('tab', 'node', 'panel', 'round'),
  component: lazyRouteComponent(() => import('@/runs/detail/RunPage'), 'RunPage'),
});
const form = createRoute({
  getParentRoute: () => inside,
  path: '/runs/$id/forms/$form',
  component: lazyRouteComponent(() => import('@/pages/forms/FormPage'), 'FormPage'),
});
const credentials = createRoute({
  getParentRoute: () => inside,
  path: '/credentials',
  validateSearch: texts('q', 'provider', 'state', 'environment', 'new', 'name', 'pool'),
  component: lazyRouteComponent(() => import('@/pages/credentials/ListPage'), 'ListPage'),
});
const credential = createRoute({
  getParentRoute: () => inside,
  path: '/credentials/$id',
  component: lazyRouteComponent(() => import('@/pages/credentials/DetailPage'), 'DetailPage'),
});
const usage = createRoute({
  getParentRoute: () => inside,
  path: '/usage',
  validateSearch: texts('by', 'days', 'environment', 'workflow', 'model', 'user', 'credential', 'node'),
  component: lazyRouteComponent(() => import('@/pages/usage/UsagePage'), 'UsagePage'),
});
const api = createRoute({
  getParentRoute: () => inside,
  path: '/api-keys',
  validateSearch: texts('workflow', 'language'),
  component: lazyRouteComponent(() => import('@/pages/api/ApiPage'), 'ApiPage'),
});
const members = createRoute({
  getParentRoute: () => inside,
  path: '/members',
  component: lazyRouteComponent(() => import('@/pages/members/MembersPage'), 'MembersPage'),
});
const audit = createRoute({
  getParentRoute: () => inside,
  path: '/audit',
  validateSearch: texts('action', 'actor', 'subject', 'from', 'to'),
  component: lazyRouteComponent(() => import('@/pages/audit/AuditPage'), 'AuditPage'),
});
const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  component: lazyRouteComponent(() => import('@/pages/settings/SettingsPage'), 'SettingsPage'),
});

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: texts('to'),
  component: lazyRouteComponent(() => import('@/pages/entry/LoginPage'), 'LoginPage'),
});
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  validateSearch: texts('token', 'step'),
  component: lazyRouteComponent(() => import('@/pages/entry/SetupPage'), 'SetupPage'),
});
const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  validateSearch: texts('token'),
  component: lazyRouteComponent(() => import('@/pages/entry/InvitationPage'), 'InvitationPage'),
});

const tree = root.addChildren([
  inside.addChildren([home, workflows, editor, chat, runs, run, form, credentials, credential, usage, api, members, audit, settings]),
  login,
  setup,
  invitation,
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: 'intent',
  defaultErrorComponent: BrokenPage,
  defaultNotFoundComponent: NothingHere,
  scrollRestoration: true,
  // Plain values stand in the address as they are: ?status=failed.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const kept = Object.entries(search).filter((pair): pair is [string, string] => typeof pair[1] === 'string' && pair[1] !== '');
    const text = new URLSearchParams(kept).toString();
    return text ? `?${text}` : '';
  },
});
