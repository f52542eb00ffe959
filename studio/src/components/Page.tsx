import { Link, type LinkProps } from '@tanstack/react-router';
import { ChevronRight, CircleQuestionMark, Search } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { openKeys, openPalette } from '@/util/palette';
import { cx } from '@/util/cx';
import { IconButton } from './Button';
import { Icon } from './Icon';
import { Logo } from './Logo';
import { ThemeButton } from './ThemeButton';

function SearchButton({ className }: { className?: string }) {
  const { t } = useTranslation('common');
  return (
    <button type="button" className={cx('search', className)} onClick={openPalette}>
      <Icon of={Search} size="s" />
      <span>{t('search')}</span>
      <span className="kbd ml-auto">⌘K</span>
    </button>
  );
}

export type Crumb = { label: ReactNode; to?: LinkProps['to']; params?: Record<string, string> };

type Props = {
  /** The only h1. */
  title: ReactNode;
  /** For the window's title where `title` is no text. */
  name?: string;
  sub?: ReactNode;
  /** Where a detail page is: the search moves to the right. */
  crumbs?: Crumb[];
  actions?: ReactNode;
  children: ReactNode;
  /** Another first row instead of title, sub and actions. */
  head?: ReactNode;
  /** Without the page's margins and width, such as for a trace. */
  bare?: boolean;
};

export function Page({ title, name, sub, crumbs, actions, children, head, bare }: Props) {
  const { t } = useTranslation('common');
  const windowTitle = name ?? (typeof title === 'string' ? title : '');
  useEffect(() => {
    document.title = windowTitle ? `${windowTitle} · Latchkey` : 'Latchkey';
  }, [windowTitle]);
  return (
    <main className="main" id="main" tabIndex={-1}>
      <div className="top">
        <span className="only-m">
          <Logo />
        </span>
        {crumbs ? (
          <nav className="crumb" aria-label={t('crumbs')}>
            {crumbs.map((crumb, index) => (
              <span key={index} className={cx('row g6 min-w-0', index < crumbs.length - 1 && 'hide-m')}>
                {crumb.to ? (
                  <Link to={crumb.to} params={crumb.params ?? {}} className="ell hover:text-text">
                    {crumb.label}
                  </Link>
                ) : (
                  <span className="cur ell" dir="auto">
                    {crumb.label}
                  </span>
                )}
                {index < crumbs.length - 1 && <Icon of={ChevronRight} size="s" />}
              </span>
            ))}
          </nav>
        ) : (
          <>
            <SearchButton className="hide-m" />
            <span className="only-m b text-[14px]">{name ?? title}</span>
          </>
        )}
        <span className="end row">
          {crumbs && <SearchButton className="hide-m" />}
          <span className="only-m">
            <IconButton icon={Search} label={t('search')} onClick={openPalette} />
          </span>
          <IconButton icon={CircleQuestionMark} label={t('keys.open')} onClick={openKeys} />
          <ThemeButton />
        </span>
      </div>
      <div id="banners" />
      {bare ? (
        children
      ) : (
        <div className="page">
          {head ?? (
            <div className="phead">
              <div className="grow">
                <h1 dir="auto">{title}</h1>
                {sub && <div className="sub">{sub}</div>}
              </div>
              {actions}
            </div>
          )}
          {children}
        </div>
      )}
    </main>
  );
}
