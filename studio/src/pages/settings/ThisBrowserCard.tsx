import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Segmented, Switch } from '@/components/Choice';
import { isLanguage, type Language, languages, setLanguage } from '@/util/i18n';
import { store, stored } from '@/util/storage';
import { setTheme, type ThemeChoice, useThemeChoice } from '@/util/theme';

/** What is kept in this browser only. */
export function ThisBrowserCard() {
  const { t, i18n } = useTranslation(['settings', 'common']);
  const theme = useThemeChoice();
  const [letters, setLetters] = useState(stored('letters') !== 'off');
  return (
    <section className="card">
      <div className="hd">
        <h2>{t('browser.title')}</h2>
      </div>
      <div className="bd col gap-4">
        <div>
          <div className="lab">{t('browser.theme')}</div>
          <Segmented<ThemeChoice>
            label={t('browser.theme')}
            value={theme}
            onChange={setTheme}
            options={[
              { value: 'system', label: t('browser.system') },
              { value: 'light', label: t('browser.light') },
              { value: 'dark', label: t('browser.dark') },
            ]}
          />
        </div>
        <div>
          <div className="lab">{t('browser.language')}</div>
          <Segmented<Language>
            label={t('browser.language')}
            value={isLanguage(i18n.language) ? i18n.language : 'en'}
            onChange={(language) => void setLanguage(language)}
            options={[
              { value: 'en', label: languages.en },
              { value: 'zh', label: languages.zh },
            ]}
          />
        </div>
        <Switch
          label={t('common:keys.letters')}
          hint={t('common:keys.lettersHint')}
          checked={letters}
          onChange={(on) => {
            setLetters(on);
            store('letters', on ? null : 'off');
          }}
        />
      </div>
    </section>
  );
}
