import { Outlet, useMatches } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { sessionQuery } from '@/api/session';
import { cx } from '@/util/cx';
import { Banners } from './Banners';
import { BottomBar, Sidebar } from './Sidebar';
import { useOpenPalette } from '@/util/palette';
import { useKeys } from './keys';

const Palette = lazy(() => import('./Palette').then((module) => ({ default: module.Palette })));
const KeysDialog = lazy(() => import('./KeysDialog').then((module) => ({ default: module.KeysDialog })));

/** Sidebar, page, bottom bar, command bar. */
export function Shell() {
  const { t } = useTranslation('common');
  const rail = useMatches({ select: (matches) => matches.some((match) => match.staticData.rail) });
  const { data: session } = useQuery(sessionQuery);
  const open = useOpenPalette();
  useKeys();
  if (!session) return null;
  return (
    <>
      <a href="#main" className="btn skip-link">
        {t('skip')}
      </a>
      <div className={cx('app', rail && 'rail')}>
        <Sidebar session={session} />
        <div className="min-w-0">
          <Banners />
          <Outlet />
        </div>
      </div>
      <BottomBar />
      <Suspense fallback={null}>
        {open === 'palette' && <Palette />}
        {open === 'keys' && <KeysDialog />}
      </Suspense>
    </>
  );
}
