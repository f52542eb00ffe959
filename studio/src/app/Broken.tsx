import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { MapPinOff, ServerOff, WifiOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ApiError, OfflineError } from '@/api/problem';
import { Button, buttonClass } from '@/components/Button';
import { CopyButton } from '@/components/Copy';
import { Empty } from '@/components/Empty';
import { useErrorText } from '@/components/Problem';

/** A wrong address and another workspace's look exactly the same. */
export function NothingHere() {
  const { t } = useTranslation('common');
  return (
    <main className="grid min-h-[70vh] place-items-center">
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

/** A page that could not be drawn or loaded; the rest of the studio works on. */
export function BrokenPage({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation('common');
  const say = useErrorText();
  const router = useRouter();
  if (error instanceof ApiError && error.status === 404) return <NothingHere />;
  const known = error instanceof ApiError ? error : null;
  const again = () => {
    reset();
    void router.invalidate();
  };
  const detail = known ? `${known.code} ${known.requestId}` : String(error);
  return (
    <main className="grid min-h-[70vh] place-items-center">
      <Empty
        icon={error instanceof OfflineError ? WifiOff : ServerOff}
        title={error instanceof OfflineError ? t('offline.title') : t('broken.title')}
        actions={
          <>
            <Button kind="primary" onClick={again}>
              {t('retry')}
            </Button>
            <CopyButton text={detail}>{t('broken.copy')}</CopyButton>
          </>
        }
      >
        {say(error)} {known && <code>{known.code}</code>}
      </Empty>
    </main>
  );
}
