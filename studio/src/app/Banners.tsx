import { useQuery } from '@tanstack/react-query';
import { LogIn, ServerOff, WifiOff } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { tryNow, useConnection, useSessionEnded } from '@/api/connection';
import { readyQuery, statusQuery } from '@/api/queries';
import { Note } from '@/components/Note';
import { duration, number, roughly } from '@/util/format';
import { useSeconds } from '@/util/now';

const SignInDialog = lazy(() => import('@/pages/entry/SignInDialog').then((module) => ({ default: module.SignInDialog })));

function Offline({ nextTryAt }: { nextTryAt: number }) {
  const { t } = useTranslation('common');
  const now = useSeconds();
  return (
    <Note
      tone="warn"
      icon={WifiOff}
      role="status"
      title={t('offline.title')}
      action={
        <button type="button" className="link" onClick={tryNow}>
          {t('offline.now')}
        </button>
      }
    >
      {t('offline.text', { time: roughly(Math.max(0, nextTryAt - now)) })}
    </Note>
  );
}

/** What holds for every page: no connection, a session that has ended, a server that takes no work. */
export function Banners() {
  const { t } = useTranslation('common');
  const connection = useConnection();
  const ended = useSessionEnded();
  const [signingIn, setSigningIn] = useState(false);
  const { data: ready } = useQuery(readyQuery);
  const { data: status } = useQuery(statusQuery);
  const dead = status?.banner === 'no_worker_alive' && ready !== false;
  if (connection.state === 'online' && !ended && ready !== false && !dead) return null;
  return (
    <div className="banner col">
      {connection.state === 'offline' && <Offline nextTryAt={connection.nextTryAt} />}
      {connection.state === 'online' && ready === false && (
        <Note tone="err" icon={ServerOff} role="status" title={t('worker.title')}>
          {t('worker.text')}
        </Note>
      )}
      {connection.state === 'online' && dead && status && (
        <Note tone="err" icon={ServerOff} role="status" title={t('worker.none')}>
          {status.queued === 0 ? t('worker.nothingWaits') : t('worker.waiting', { count: status.queued, shown: number(status.queued), time: duration(status.oldest_queued_ms) })}
        </Note>
      )}
      {ended && (
        <Note
          tone="acc"
          icon={LogIn}
          role="status"
          title={t('ended.title')}
          action={
            <button type="button" className="link" onClick={() => setSigningIn(true)}>
              {t('ended.in')}
            </button>
          }
        >
          {t('ended.text')}
        </Note>
      )}
      <Suspense fallback={null}>{ended && signingIn && <SignInDialog onClose={() => setSigningIn(false)} />}</Suspense>
    </div>
  );
}
