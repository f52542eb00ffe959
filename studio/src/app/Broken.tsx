import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { ServerOff, WifiOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ApiError, OfflineError } from '@/api/problem';
import { Button } from '@/components/Button';
import { CopyButton } from '@/components/Copy';
import { Empty } from '@/components/Empty';
import { NothingHere } from '@/components/NothingHere';
import { useErrorText } from '@/components/Problem';

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
