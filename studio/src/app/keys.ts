import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { stored } from '@/util/storage';
import { openKeys, openPalette } from '@/util/palette';

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest('[role="dialog"], .cm-editor') !== null);

const places = { w: '/workflows', r: '/runs', c: '/credentials', u: '/usage' } as const;
const isPlace = (key: string): key is keyof typeof places => key in places;

/** ⌘K everywhere; single letters only outside of text, and not for those who have switched them off. */
export function useKeys() {
  const navigate = useNavigate();
  useEffect(() => {
    let afterG = 0;
    const press = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        openPalette();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented || typing(event.target) || stored('letters') === 'off') return;
      const key = event.key.toLowerCase();
      if (key === '?') openKeys();
      if (Date.now() - afterG < 1200 && isPlace(key)) {
        event.preventDefault();
        void navigate({ to: places[key] });
      }
      afterG = key === 'g' ? Date.now() : 0;
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [navigate]);
}
