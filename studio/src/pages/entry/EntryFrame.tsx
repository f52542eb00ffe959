import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { isLanguage, languages, setLanguage } from '@/util/i18n';
import { Select } from '@/components/Field';
import { Logo } from '@/components/Logo';
import { ThemeButton } from '@/components/ThemeButton';
import { Ladder } from './Ladder';

/** The pages before the shell: at the left what is to be done, at the right what the product is about. */
export function EntryFrame({ title, sub, children, level, above }: { title: string; sub?: ReactNode; children: ReactNode; level?: { level: string; name: string }; above?: ReactNode }) {
  const { t, i18n } = useTranslation('entry');
  useEffect(() => {
    document.title = `${title} · Latchkey`;
  }, [title]);
  return (
    <div className="first">
      <main className="flex min-w-0 flex-col bg-surface px-[clamp(20px,6vw,88px)] pb-10 pt-8">
        <div className="row mb-[clamp(28px,7vh,64px)] text-[15px] font-[620]">
          <Logo /> Latchkey
          <span className="row end font-normal">
            <Select small aria-label={t('language')} className="w-auto border-transparent" value={i18n.language} onChange={(event) => isLanguage(event.target.value) && void setLanguage(event.target.value)}>
              {Object.entries(languages).map(([code, name]) => (
                <option key={code} value={code}>
                  {name}
                </option>
              ))}
            </Select>
            <ThemeButton />
          </span>
        </div>
        <div className="w-full max-w-[480px]">
          {above}
          <h1 className="text-[24px] leading-tight tracking-[-0.022em]">{title}</h1>
          {sub && <p className="t2 mt-1.5">{sub}</p>}
          <div className="mt-6">{children}</div>
        </div>
      </main>
      <aside className="hide-t border-l border-line bg-sunken px-[clamp(24px,5vw,64px)] pt-[clamp(48px,16vh,160px)]" aria-label={t('ladder.title')}>
        <Ladder level={level} />
      </aside>
    </div>
  );
}
