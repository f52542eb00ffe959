import { changePool, createPool, type CredentialView, deletePool, type MemberBody, type PoolView } from '@latchkey/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, Layers, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { Button, IconButton } from '@/components/Button';
import { CredentialName, last4 } from '@/components/CredentialName';
import { CredentialState } from '@/components/CredentialState';
import { ConfirmDialog, Dialog } from '@/components/Dialog';
import { Input, SelectField, TextField } from '@/components/Field';
import { KeyPicker } from '@/components/KeyPicker';
import { useForbidden } from '@/components/May';
import { fieldError, ProblemNote } from '@/components/Problem';
import { useQuery } from '@tanstack/react-query';
import { providersQuery } from '@/api/queries';

const strategies = ['priority', 'round_robin', 'weighted', 'least_busy'] as const;

type Props = { pool?: PoolView; credentials: CredentialView[]; onClose: () => void };

function moved(members: MemberBody[], from: number, to: number): MemberBody[] {
  const next = [...members];
  const [member] = next.splice(from, 1);
  if (member) next.splice(to, 0, member);
  return next;
}

export function PoolDialog({ pool, credentials, onClose }: Props) {
  const { t } = useTranslation(['credentials', 'common']);
  const { data: providers } = useQuery(providersQuery);
  const [name, setName] = useState(pool?.name ?? '');
  const [provider, setProvider] = useState(pool?.provider ?? credentials[0]?.provider ?? 'openai');
  const [strategy, setStrategy] = useState(pool?.strategy ?? 'priority');
  const [members, setMembers] = useState<MemberBody[]>(pool?.members.map(({ credential_id, weight }) => ({ credential_id, weight })) ?? []);
  const [removing, setRemoving] = useState(false);
  const client = useQueryClient();
  const forbidden = useForbidden('credentials:write');
  const done = async () => {
    await Promise.all([client.invalidateQueries({ queryKey: ['pools'] }), client.invalidateQueries({ queryKey: ['resolve'] })]);
    onClose();
  };
  const save = useMutation({
    mutationFn: () => (pool ? ok(changePool({ path: { id: pool.id }, body: { name: name.trim(), strategy, members } })) : ok(createPool({ body: { name: name.trim(), provider, strategy, members } }))),
    onSuccess: done,
  });
  const remove = useMutation({ mutationFn: (id: string) => ok(deletePool({ path: { id } })), onSuccess: done });
  const used = [...new Set(credentials.map((credential) => credential.provider))];
  const label = (id: string) => providers?.find((each) => each.id === id)?.label ?? id;
  return (
    <Dialog
      open
      onClose={onClose}
      icon={Layers}
      title={pool ? pool.name : t('newPool')}
      sub={t('poolsHint')}
      width={600}
      dirty={name !== (pool?.name ?? '') || members.length !== (pool?.members.length ?? 0)}
      footer={
        <>
          {pool && (
            <Button kind="danger" forbidden={forbidden} onClick={() => setRemoving(true)}>
              {t('common:delete')}
            </Button>
          )}
          <span className="grow" />
          <Button kind="ghost" onClick={onClose}>
            {t('common:cancel')}
          </Button>
          <Button kind="primary" busy={save.isPending} forbidden={forbidden ?? (members.length === 0 ? t('poolNeeds') : null)} onClick={() => save.mutate()}>
            {t('common:save')}
          </Button>
        </>
      }
    >
      <div className="col gap-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label={t('common:name')} mono value={name} placeholder="translate-pool" error={fieldError(save.error, 'name')} onChange={(event) => setName(event.target.value)} />
          <SelectField
            label={t('provider')}
            value={provider}
            disabled={!!pool}
            onChange={(event) => {
              setProvider(event.target.value);
              setMembers([]);
            }}
          >
            {used.map((id) => (
              <option key={id} value={id}>
                {label(id)}
              </option>
            ))}
          </SelectField>
        </div>
        <SelectField label={t('strategy')} hint={t(`strategyHint.${strategy}`)} value={strategy} onChange={(event) => setStrategy(event.target.value)}>
          {strategies.map((each) => (
            <option key={each} value={each}>
              {t(`strategies.${each}`)}
            </option>
          ))}
        </SelectField>
        <div>
          <div className="lab">{t('members')}</div>
          <ol className="mb-2 rounded-[8px] border border-line">
            {members.map((member, index) => {
              const credential = credentials.find((each) => each.id === member.credential_id);
              return (
                <li key={member.credential_id} className="row min-h-11 border-b border-line px-3 last:border-b-0">
                  <span className="t3 num w-4">{index + 1}</span>
                  <span className="grow">{credential && <CredentialName provider={provider} name={credential.name} last4={last4(credential)} />}</span>
                  {credential && (
                    <span className="hide-m">
                      <CredentialState credential={credential} />
                    </span>
                  )}
                  {strategy === 'weighted' && (
                    <Input
                      small
                      type="number"
                      min={1}
                      className="w-16"
                      aria-label={t('weight', { name: credential?.name ?? '' })}
                      value={member.weight ?? 1}
                      onChange={(event) => setMembers(members.map((each) => (each === member ? { ...each, weight: Math.max(1, Number(event.target.value)) } : each)))}
                    />
                  )}
                  <IconButton size="sm" icon={ArrowUp} label={t('up')} disabled={index === 0} onClick={() => setMembers(moved(members, index, index - 1))} />
                  <IconButton size="sm" icon={ArrowDown} label={t('down')} disabled={index === members.length - 1} onClick={() => setMembers(moved(members, index, index + 1))} />
                  <IconButton size="sm" icon={X} label={t('takeOut')} onClick={() => setMembers(members.filter((each) => each !== member))} />
                </li>
              );
            })}
            {members.length === 0 && <li className="t3 px-3 py-3">{t('noMembers')}</li>}
          </ol>
          <KeyPicker
            provider={provider}
            pools={false}
            label={t('addMember')}
            shown={<span className="t3">{t('addMember')}</span>}
            onPick={(key) => !members.some((member) => member.credential_id === key.id) && setMembers([...members, { credential_id: key.id }])}
          />
        </div>
        {save.error && <ProblemNote error={save.error} title={t('notSaved')} />}
      </div>
      {pool && (
        <ConfirmDialog open={removing} onClose={() => setRemoving(false)} onConfirm={() => remove.mutate(pool.id)} busy={remove.isPending} title={t('deletePool', { name: pool.name })} action={t('common:delete')}>
          {t('deletePoolText')}
          {remove.error && <ProblemNote error={remove.error} className="mt-3" />}
        </ConfirmDialog>
      )}
    </Dialog>
  );
}
