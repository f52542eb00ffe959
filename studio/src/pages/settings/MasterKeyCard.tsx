import { getMasterKey } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { isStatus } from '@/api/problem';
import { Note } from '@/components/Note';
import { ProblemNote } from '@/components/Problem';

/** Under what everything is sealed, and whether anything is left under an older key. */
export function MasterKeyCard() {
  const { t } = useTranslation('settings');
  const { data, error } = useQuery({ queryKey: ['master-key'], queryFn: () => ok(getMasterKey()), retry: false });
  if (isStatus(error, 403)) return null;
  return (
    <section className="card">
      <div className="hd">
        <h2>{t('master.title')}</h2>
      </div>
      <div className="bd">
        {error && <ProblemNote error={error} />}
        {data && (
          <>
            <dl className="kv k96">
              <dt>{t('master.id')}</dt>
              <dd>
                <code className="[overflow-wrap:anywhere]">{data.master_key}</code>
              </dd>
              <dt>{t('master.older')}</dt>
              <dd>{data.older_keys}</dd>
              {data.reencrypting && (
                <>
                  <dt>{t('master.resealed')}</dt>
                  <dd>{data.resealed}</dd>
                </>
              )}
            </dl>
            {data.unreadable > 0 && <Note tone="err" title={t('master.unreadable', { count: data.unreadable })} className="mt-3" />}
            {data.failure && (
              <Note tone="err" className="mt-3">
                {data.failure}
              </Note>
            )}
          </>
        )}
        <p className="hint mt-3">
          {t('master.hint')} <code>latchkey master-key rotate</code>
        </p>
      </div>
    </section>
  );
}
