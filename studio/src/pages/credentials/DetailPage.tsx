import { changeCredential, type CredentialView, deleteCredential, resetHealth, validateCredential } from '@latchkey/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { CircleOff, Play, PlugZap, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { isApiError, isStatus } from '@/api/problem';
import { credentialQuery, providersQuery } from '@/api/queries';
import { Button } from '@/components/Button';
import { last4 } from '@/components/CredentialName';
import { ConfirmDialog } from '@/components/Dialog';
import { Menu } from '@/components/Menu';
import { useForbidden } from '@/components/May';
import { Note } from '@/components/Note';
import { Page } from '@/components/Page';
import { ProblemNote } from '@/components/Problem';
import { ProviderMark } from '@/components/ProviderMark';
import { SkeletonBlock } from '@/components/Skeleton';
import { Time } from '@/components/Time';
import { toast } from '@/components/Toast';
import { standing } from '@/util/credential-state';
import { useMinutes } from '@/util/now';
import { NothingHere } from '@/components/NothingHere';
import { BudgetCard, LimitsCard, ScopeCard, ValuesCard } from './SideCards';
import { CostCard } from './CostCard';
import { RotateDialog } from './RotateDialog';
import { RotatingState } from './RotatingState';
import { RotationCard } from './RotationCard';
import { UsedByCard } from './UsedByCard';

function Trouble({ credential }: { credential: CredentialView }) {
  const { t } = useTranslation('credentials');
  const now = useMinutes();
  const state = standing(credential, now);
  if (!['invalid', 'cooling', 'exhausted', 'expired'].includes(state.name)) return null;
  return (
    <Note tone={state.name === 'cooling' ? 'warn' : 'err'} title={t(`trouble.${state.name}.title`)} className="mb-4">
      {t(`trouble.${state.name}.text`)} {credential.health.cooling_code && <code>{credential.health.cooling_code}</code>}
      {credential.health.last_failure_at && (
        <span className="t3">
          {' '}
          <Time at={credential.health.last_failure_at} />
        </span>
      )}
    </Note>
  );
}

function useActions(credential: CredentialView) {
  const { t } = useTranslation('credentials');
  const client = useQueryClient();
  const navigate = useNavigate();
  const path = { id: credential.id };
  const refresh = () => Promise.all(['credentials', 'providers', 'resolve'].map((key) => client.invalidateQueries({ queryKey: [key] })));
  const test = useMutation({ mutationFn: () => ok(validateCredential({ path })), onSuccess: refresh });
  const turn = useMutation({ mutationFn: (state: 'active' | 'disabled') => ok(changeCredential({ path, body: { state } })), onSuccess: refresh });
  const reset = useMutation({ mutationFn: () => ok(resetHealth({ path })), onSuccess: refresh });
  const remove = useMutation({
    mutationFn: (force: boolean) => ok(deleteCredential({ path, query: force ? { force } : {} })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['credentials'] });
      toast(t('deleted', { name: credential.name }));
      void navigate({ to: '/credentials', search: {} });
    },
  });
  return { test, turn, reset, remove };
}

function Tested({ test }: { test: ReturnType<typeof useActions>['test'] }) {
  const { t } = useTranslation('credentials');
  if (test.error) return <ProblemNote error={test.error} title={t('testFailed')} className="mb-4" />;
  if (!test.data) return null;
  return (
    <Note tone={test.data.valid ? 'ok' : 'err'} title={test.data.valid ? t('keyWorks') : t('keyWorksNot')} role="status" className="mb-4">
      {test.data.message} {test.data.code && <code>{test.data.code}</code>}
    </Note>
  );
}

function Credential({ credential }: { credential: CredentialView }) {
  const { t } = useTranslation(['credentials', 'common']);
  const { data: providers } = useQuery(providersQuery);
  const [rotating, setRotating] = useState(false);
  const [removing, setRemoving] = useState(false);
  const { test, turn, reset, remove } = useActions(credential);
  const forbidden = useForbidden('credentials:write');
  const disabled = credential.state === 'disabled';
  const label = providers?.find((provider) => provider.id === credential.provider)?.label ?? credential.provider;
  const fingerprint = Object.values(credential.values).find((value) => value.fingerprint)?.fingerprint;
  const used = isApiError(remove.error, 'credential_in_use', 'conflict') || isStatus(remove.error, 409);
  return (
    <Page
      title={credential.name}
      crumbs={[{ label: t('title'), to: '/credentials' }, { label: credential.name }]}
      head={
        <div className="row wrap mb-[18px] gap-[14px]">
          <ProviderMark provider={credential.provider} size="l" />
          <div className="min-w-0 flex-[1_0_240px]">
            <div className="row wrap gap-2.5">
              <h1 className="mono text-[18px] tracking-tight [overflow-wrap:anywhere]" dir="ltr">
                {credential.name}
              </h1>
              <RotatingState credential={credential} pill />
            </div>
            <p className="sub sm">
              {label}
              {credential.model && ` · ${credential.model}`}
              {last4(credential) && (
                <>
                  {' · '}
                  {t('endsIn')} <code>{last4(credential)}</code>
                </>
              )}
              {fingerprint && (
                <span className="hide-m">
                  {' · '}
                  {t('fingerprint')} <code>{fingerprint}</code>
                </span>
              )}
              {' · '}
              {t('added')} <Time at={credential.created_at} />
            </p>
          </div>
          <div className="row acts">
            <Button icon={PlugZap} busy={test.isPending} forbidden={forbidden} onClick={() => test.mutate()}>
              {t('test')}
            </Button>
            <Button icon={RefreshCw} forbidden={forbidden} onClick={() => setRotating(true)}>
              {t('rotate')}
            </Button>
            <Button kind={disabled ? 'default' : 'danger'} icon={disabled ? Play : CircleOff} busy={turn.isPending} forbidden={forbidden} onClick={() => turn.mutate(disabled ? 'active' : 'disabled')}>
              {disabled ? t('enable') : t('disable')}
            </Button>
            <Menu
              label={t('menu', { name: credential.name })}
              items={[
                { label: t('resetHealth'), disabled: !!forbidden, onSelect: () => reset.mutate() },
                { label: t('common:delete'), danger: true, disabled: !!forbidden, onSelect: () => setRemoving(true) },
              ]}
            />
          </div>
        </div>
      }
    >
      <Tested test={test} />
      {turn.error && <ProblemNote error={turn.error} className="mb-4" />}
      <Trouble credential={credential} />
      <div className="two">
        <div className="col gap-4">
          <RotationCard credential={credential} />
          <CostCard credential={credential} />
          <UsedByCard credential={credential} />
        </div>
        <div className="col gap-4">
          <LimitsCard credential={credential} forbidden={forbidden} />
          <BudgetCard credential={credential} forbidden={forbidden} />
          <ScopeCard credential={credential} forbidden={forbidden} />
          <ValuesCard credential={credential} forbidden={forbidden} onReplace={() => setRotating(true)} />
        </div>
      </div>
      {rotating && <RotateDialog credential={credential} onClose={() => setRotating(false)} />}
      <ConfirmDialog open={removing} onClose={() => setRemoving(false)} onConfirm={() => remove.mutate(used)} busy={remove.isPending} title={t('deleteTitle', { name: credential.name })} action={used ? t('deleteForce') : t('common:delete')}>
        {used ? t('deleteUsed') : t('deleteText')}
        {remove.error && <ProblemNote error={remove.error} className="mt-3" />}
      </ConfirmDialog>
    </Page>
  );
}

export function DetailPage() {
  const { t } = useTranslation('credentials');
  const { id } = useParams({ from: '/inside/credentials/$id' });
  const { data, error, refetch } = useQuery(credentialQuery(id));
  if (isStatus(error, 404) || isStatus(error, 400)) return <NothingHere />;
  if (data) return <Credential key={data.id} credential={data} />;
  return (
    <Page title={t('title')} crumbs={[{ label: t('title'), to: '/credentials' }]}>
      {error ? <ProblemNote error={error} title={t('failedOne')} retry={() => void refetch()} /> : <SkeletonBlock height={320} />}
    </Page>
  );
}
