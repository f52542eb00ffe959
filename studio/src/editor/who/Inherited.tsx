import { useTranslation } from 'react-i18next';
import type { CredentialView } from '@latchkey/client';
import { CredentialName, last4 } from '@/components/CredentialName';
import { LevelBadge } from '@/components/LevelBadge';
import { useEditor } from '../state/context';
import { useResolved, useResolvedEach } from './resolve';
import { useSettings } from './settings';
import { CredentialStanding, WouldFail } from './Standing';
import type { ResolveRow } from '@latchkey/client';

function find(credentials: readonly CredentialView[] | undefined, row: ResolveRow | undefined): CredentialView | undefined {
  return credentials?.find((credential) => credential.id === row?.resolution?.credential_id);
}

/** Environments that the workflow's bindings name; elsewhere is what holds without one. */
function useEnvironments(): string[] {
  const { data } = useSettings();
  return [...new Set((data?.data.bindings ?? []).flatMap((binding) => binding.environment ?? []))].sort();
}

/** The key that pays although the node says nothing, and where it comes from. */
export function Inherited({ node, model, credentials }: { node: string; model: string; credentials: readonly CredentialView[] | undefined }) {
  const { t } = useTranslation('editor');
  const environments = useEnvironments();
  const { row, isPending } = useResolved(node, model);
  const rows = useResolvedEach(node, model, environments.map((environment) => ({ environment })));
  const credential = find(credentials, row);
  const editor = useEditor();
  return (
    <>
      <div className="note items-center" aria-live="polite">
        {isPending && <span className="sk late h-4 w-40" />}
        {row?.outcome === 'not_needed' && <span className="grow">{t('who.notNeeded')}</span>}
        {row?.resolution != null && (
          <>
            <CredentialName as="chip" provider={row.provider} name={row.resolution.credential_name ?? ''} last4={credential === undefined ? undefined : last4(credential)} />
            <span className="grow">{t('who.now', { from: t(`who.from.${row.resolution.level}`, { defaultValue: row.resolution.level }) })}</span>
            {credential !== undefined && <CredentialStanding credential={credential} />}
          </>
        )}
        {row?.outcome === 'failed' && (
          <>
            <span className="grow">{t('who.nobody')}</span>
            <WouldFail row={row} />
          </>
        )}
        {row?.outcome === 'depends_on' && <span className="grow">{t('who.depends', { on: (row.depends_on ?? []).join(', ') })}</span>}
        {!isPending && row === undefined && <span className="grow t3">{t('who.unasked')}</span>}
      </div>
      {environments.length > 0 && (
        <div className="pv mt-2">
          {environments.map((environment, index) => {
            const found = rows[index]?.row;
            const paying = find(credentials, found);
            return (
              <div className="pr envrow" key={environment}>
                <span className="ell t2">{environment}</span>
                {found?.resolution == null ? (
                  found === undefined ? <span /> : <WouldFail row={found} />
                ) : (
                  <CredentialName provider={found.provider} name={found.resolution.credential_name ?? ''} last4={paying === undefined ? undefined : last4(paying)} />
                )}
                {found?.resolution == null ? <span /> : <LevelBadge level={found.resolution.level} />}
              </div>
            );
          })}
        </div>
      )}
      <p className="hint">
        {t('who.inheritedHint')}{' '}
        <button type="button" className="link" onClick={() => editor.open('keys')}>
          {t('who.toKeys')}
        </button>
      </p>
    </>
  );
}
