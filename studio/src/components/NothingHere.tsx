import { Link } from '@tanstack/react-router';
import { MapPinOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { buttonClass } from './Button';
import { Empty } from './Empty';

/** A wrong address and another workspace's look exactly the same. */
export function NothingHere() {
  const { t } = useTranslation('common');
  return (
    <main className="main min-h-[70vh] justify-center" id="main" tabIndex={-1}>
      <Empty
        icon={MapPinOff}
        title={t('nothing.title')}
        actions={
          <Link to="/workflows" className={buttonClass({})}>
            {t('nothing.all')}
          </Link>
        }
      >
        {t('nothing.text')}
      </Empty>
    </main>
  );
}
