import { SunMoon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { setTheme, useTheme } from '@/util/theme';
import { IconButton } from './Button';

export function ThemeButton() {
  const { t } = useTranslation('common');
  const theme = useTheme();
  return <IconButton icon={SunMoon} label={theme === 'dark' ? t('theme.toLight') : t('theme.toDark')} onClick={() => setTheme(theme === 'dark' ? 'light' : 'dark')} />;
}
