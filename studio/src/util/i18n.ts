import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { store, stored } from '@/util/storage';

export type Language = 'en' | 'zh';
export const languages: Record<Language, string> = { en: 'English', zh: '简体中文' };
export const isLanguage = (code: string): code is Language => code in languages;

const load = {
  en: () => import('@/locales/en'),
  zh: () => import('@/locales/zh'),
};

/** `./en/common.json` holds the area `common`. */
function areas(files: Record<string, Record<string, unknown>>) {
  return Object.entries(files).map(([path, texts]) => [path.replace(/^.*\/|\.json$/g, ''), texts] as const);
}

async function add(language: Language) {
  const { default: files } = await load[language]();
  for (const [area, texts] of areas(files)) i18next.addResourceBundle(language, area, texts, true, true);
}

export function preferredLanguage(): Language {
  const kept = stored('language');
  if (kept === 'en' || kept === 'zh') return kept;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

/** Chinese falls back to English, so that an area that is not translated yet shows words and not keys. */
export async function startI18n() {
  const language = preferredLanguage();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    defaultNS: 'common',
    resources: {},
    interpolation: { escapeValue: false },
    returnNull: false,
    react: { useSuspense: false },
  });
  await Promise.all(language === 'en' ? [add('en')] : [add('en'), add('zh')]);
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
}

export async function setLanguage(language: Language) {
  await add(language);
  store('language', language);
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  await i18next.changeLanguage(language);
}
