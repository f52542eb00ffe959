import type { CredentialView, PoolView } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { poolReferencesQuery } from '@/api/queries';
import { CredentialName, last4 } from '@/components/CredentialName';
import { CredentialState } from '@/components/CredentialState';
import { Icon } from '@/components/Icon';
import { State } from '@/components/State';
import { Tag } from '@/components/Tag';
import { standing } from '@/util/credential-state';
import { useMinutes } from '@/util/now';

function Member({ credential, name, provider }: { credential: CredentialView | undefined; name: string; provider: string }) {
  const now = useMinutes();
  const fine = credential && ['active', 'untested'].includes(standing(credential, now).name);
  return (
    <span className="row g6 rounded-[6px] border border-line px-[7px] py-[3px]">
      <CredentialName provider={provider} name={name} last4={credential ? last4(credential) : null} />
      {credential && (fine ? <State name="ready" /> : <CredentialState credential={credential} />)}
    </span>
  );
}

/** Which workflows name it; the list says so without a click. */
function UsedBy({ pool }: { pool: PoolView }) {
  const { t } = useTranslation('credentials');
  const { data } = useQuery(poolReferencesQuery(pool.id));
  if (!data) return null;
  const names = [...new Set(data.data.flatMap((each) => (each.workflow_name ? [each.workflow_name] : [])))];
  return <span className="t2 sm">{names.length > 0 ? t('usedBy', { names: names.slice(0, 2).join(', ') + (names.length > 2 ? ` +${names.length - 2}` : '') }) : t('usedByNobody')}</span>;
}

export function PoolList({ pools, credentials, onOpen }: { pools: PoolView[]; credentials: CredentialView[]; onOpen: (id: string) => void }) {
  const { t } = useTranslation('credentials');
  return (
    <section className="card mt-4">
      <div className="hd">
        <h2>{t('pools')}</h2>
        <span className="t3 sm hide-m">{t('poolsHint')}</span>
      </div>
      {pools.length === 0 && <p className="t2 border-t border-line px-4 py-3">{t('noPools')}</p>}
      {pools.map((pool) => (
        <div key={pool.id} className="pool border-t border-line px-4 py-3">
          <button type="button" className="min-w-0 cursor-pointer text-left" onClick={() => onOpen(pool.id)} aria-label={t('openPool', { name: pool.name })}>
            <CredentialName provider={pool.provider} name={pool.name} pool />
          </button>
          <span>
            <Tag>{t(`strategies.${pool.strategy}`)}</Tag>
          </span>
          <span className="row g6 wrap">
            {pool.members.map((member, index) => (
              <Fragment key={member.credential_id}>
                {index > 0 && pool.strategy === 'priority' && <Icon of={ChevronRight} size="s" className="t3" />}
                <Member credential={credentials.find((credential) => credential.id === member.credential_id)} name={member.credential_name} provider={pool.provider} />
              </Fragment>
            ))}
          </span>
          <UsedBy pool={pool} />
          <button type="button" className="link sm" onClick={() => onOpen(pool.id)}>
            {t('edit')}
          </button>
        </div>
      ))}
    </section>
  );
}
