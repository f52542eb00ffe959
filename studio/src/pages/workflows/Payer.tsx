import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { WhoPays } from '@/api/resolve';
import { CredentialName } from '@/components/CredentialName';
import { Icon } from '@/components/Icon';
import { LevelBadge } from '@/components/LevelBadge';
import { Tag } from '@/components/Tag';

/** The key of a workflow's model calls, in one line. */
export function Payer({ payer }: { payer: WhoPays | undefined }) {
  const { t } = useTranslation('workflows');
  if (!payer) return <span className="late sk inline-block w-28" aria-hidden="true" />;
  switch (payer.kind) {
    case 'none':
      return <span className="t3">{t('pays.none')}</span>;
    case 'free':
      return <span className="t2">{t('pays.free')}</span>;
    case 'missing':
      return (
        <span className="st warn">
          <Icon of={TriangleAlert} /> {t('pays.missing', { count: payer.nodes })}
        </span>
      );
    case 'key':
      return (
        <span className="row g6">
          <CredentialName provider={payer.provider} name={payer.name} pool={payer.pool} />
          <LevelBadge level={payer.level} />
          {payer.more > 0 && (
            <Tag className="hide-m" title={t('pays.more', { count: payer.more })}>
              +{payer.more}
            </Tag>
          )}
        </span>
      );
  }
}
