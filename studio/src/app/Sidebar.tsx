import { useNavigate, Link, type LinkProps } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { ChartColumn, ChevronsUpDown, CircleCheck, CodeXml, Ellipsis, KeyRound, ListTree, LogOut, type LucideIcon, ScrollText, Settings2, TriangleAlert, Users, WifiOff, Workflow } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useConnection } from '@/api/connection';
import { credentialsQuery, readyQuery, statusQuery, workflowsQuery } from '@/api/queries';
import { type Session, signOut } from '@/api/session';
import { Avatar } from '@/components/Avatar';
import { IconButton } from '@/components/Button';
import { Icon } from '@/components/Icon';
import { Logo } from '@/components/Logo';
import { Menu, type MenuItem } from '@/components/Menu';
import { initials, number } from '@/util/format';
import { needsAttention } from '@/util/credential-state';
import { useMinutes } from '@/util/now';
import { type Language, languages, setLanguage } from '@/util/i18n';
import { queryClient } from './query-client';

type Place = { to: LinkProps['to']; icon: LucideIcon; label: 'workflows' | 'runs' | 'credentials' | 'usage' | 'api' | 'members' | 'audit' | 'settings' };

const main: Place[] = [
  { to: '/workflows', icon: Workflow, label: 'workflows' },
  { to: '/runs', icon: ListTree, label: 'runs' },
  { to: '/credentials', icon: KeyRound, label: 'credentials' },
  { to: '/usage', icon: ChartColumn, label: 'usage' },
];
const build: Place[] = [{ to: '/api-keys', icon: CodeXml, label: 'api' }];
const workspace: Place[] = [
  { to: '/members', icon: Users, label: 'members' },
  { to: '/audit', icon: ScrollText, label: 'audit' },
  { to: '/settings', icon: Settings2, label: 'settings' },
];

function PlaceLink({ place, count }: { place: Place; count?: { text: string; bad?: boolean } | null }) {
  const { t } = useTranslation('common');
  return (
    <Link to={place.to} activeProps={{ className: 'on', 'aria-current': 'page' }} aria-label={t(`nav.${place.label}`)} title={t(`nav.${place.label}`)}>
      <Icon of={place.icon} />
      <span>{t(`nav.${place.label}`)}</span>
      {count && <span className={count.bad ? 'n bad' : 'n'}>{count.text}</span>}
    </Link>
  );
}

function useCounts() {
  const now = useMinutes();
  const { data: workflows } = useQuery(workflowsQuery);
  const { data: credentials } = useQuery(credentialsQuery);
  const { data: status } = useQuery(statusQuery);
  const { t } = useTranslation('common');
  const live = status ? status.running + status.queued : 0;
  const bad = credentials?.filter((credential) => needsAttention(credential, now)).length ?? 0;
  return {
    workflows: workflows?.length ? { text: number(workflows.length) } : null,
    runs: live > 0 ? { text: t('live', { count: live, shown: number(live) }) } : null,
    credentials: bad > 0 ? { text: number(bad), bad: true } : null,
  };
}

function Health() {
  const { t } = useTranslation('common');
  const connection = useConnection();
  const { data: ready } = useQuery(readyQuery);
  const { data: status } = useQuery(statusQuery);
  if (connection.state === 'offline')
    return (
      <div className="health">
        <Icon of={WifiOff} size="s" className="text-warn-glyph" /> <span>{t('health.offline')}</span>
      </div>
    );
  const dead = status?.workers === 0;
  const words = () => {
    if (ready === false) return t('health.busy');
    if (!status) return t('health.ready');
    if (dead) return t('health.none');
    const queue = status.queued === 0 ? t('health.empty') : t('health.waiting', { count: status.queued, shown: number(status.queued) });
    return `${t('health.workers', { count: status.workers, shown: number(status.workers) })} · ${queue}`;
  };
  return (
    <div className="health">
      {ready === false || dead ? <Icon of={TriangleAlert} size="s" className="text-err-glyph" /> : <Icon of={CircleCheck} size="s" className="text-ok-glyph" />}
      <span>{words()}</span>
    </div>
  );
}

function usePersonMenu(session: Session): MenuItem[] {
  const { t, i18n } = useTranslation('common');
  const navigate = useNavigate();
  const leave = async () => {
    await signOut();
    queryClient.clear();
    void navigate({ to: '/login', search: {} });
  };
  const other: Language = i18n.language === 'zh' ? 'en' : 'zh';
  return [
    { kind: 'head', label: session.member?.email ?? t('me.key') },
    { label: languages[other], onSelect: () => void setLanguage(other) },
    { label: t('nav.settings'), onSelect: () => void navigate({ to: '/settings' }) },
    ...(session.member ? [{ kind: 'line' as const }, { label: t('me.out'), icon: LogOut, onSelect: () => void leave() }] : []),
  ];
}

export function Sidebar({ session }: { session: Session }) {
  const { t } = useTranslation('common');
  const counts = useCounts();
  const menu = usePersonMenu(session);
  const name = session.member?.name ?? t('me.key');
  return (
    <aside className="side">
      <Link to="/workflows" className="brand" aria-label="Latchkey">
        <Logo />
        <span>Latchkey</span>
      </Link>
      <div className="ws" title={session.workspace.name}>
        <span className="av" aria-hidden="true">
          {initials(session.workspace.name)}
        </span>
        <span className="grow ell" dir="auto">
          {session.workspace.name}
        </span>
      </div>
      <nav className="nav" aria-label={t('nav.label')}>
        {main.map((place) => (
          <PlaceLink key={place.label} place={place} count={place.label in counts ? counts[place.label as keyof typeof counts] : null} />
        ))}
        <div className="h">{t('nav.build')}</div>
        {build.map((place) => (
          <PlaceLink key={place.label} place={place} />
        ))}
        <div className="h">{t('nav.workspace')}</div>
        {workspace.map((place) => (
          <PlaceLink key={place.label} place={place} />
        ))}
      </nav>
      <div className="foot">
        <Health />
        <div className="me">
          <Avatar name={name} />
          <span className="grow ell" dir="auto">
            {name}
          </span>
          <Menu label={t('me.menu')} items={menu} trigger={<IconButton icon={ChevronsUpDown} label={t('me.menu')} size="sm" />} />
        </div>
      </div>
    </aside>
  );
}

/** Five places on phones; what is left stands under More. */
export function BottomBar() {
  const { t } = useTranslation('common');
  const navigate = useNavigate();
  const rest = [...build, ...workspace].map((place): MenuItem => ({ label: t(`nav.${place.label}`), icon: place.icon, onSelect: () => void navigate({ to: place.to }) }));
  return (
    <nav className="mbar" aria-label={t('nav.small')}>
      {main.map((place) => (
        <Link key={place.label} to={place.to} activeProps={{ className: 'on', 'aria-current': 'page' }}>
          <Icon of={place.icon} />
          {t(`nav.short.${place.label}`)}
        </Link>
      ))}
      <Menu
        label={t('nav.more')}
        items={rest}
        trigger={
          <button type="button" className="mmore">
            <Icon of={Ellipsis} />
            {t('nav.more')}
          </button>
        }
      />
    </nav>
  );
}
