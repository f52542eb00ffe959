import { changeCredential, type CredentialView, type ProviderView, setDefault, validateCredential } from '@latchkey/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ArrowRight, CircleOff, Play, PlugZap, Star } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { Menu, type MenuItem } from '@/components/Menu';
import { useForbidden } from '@/components/May';
import { useErrorText } from '@/components/Problem';
import { toast } from '@/components/Toast';

export function CredentialMenu({ credential, provider }: { credential: CredentialView; provider: ProviderView | undefined }) {
  const { t } = useTranslation('credentials');
  const navigate = useNavigate();
  const client = useQueryClient();
  const say = useErrorText();
  const forbidden = useForbidden('credentials:write');
  const path = { id: credential.id };
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: ['credentials'] }), client.invalidateQueries({ queryKey: ['providers'] }), client.invalidateQueries({ queryKey: ['resolve'] })]);
  const onError = (error: unknown) => toast(say(error), { tone: 'warn' });
  const test = useMutation({
    mutationFn: () => ok(validateCredential({ path })),
    onSuccess: async (checked) => {
      await refresh();
      toast(checked.valid ? t('works', { name: credential.name }) : t('worksNot', { name: credential.name, why: checked.message ?? checked.code ?? '' }), { tone: checked.valid ? 'ok' : 'warn' });
    },
    onError,
  });
  const turn = useMutation({
    mutationFn: (state: 'active' | 'disabled') => ok(changeCredential({ path, body: { state } })),
    onSuccess: async (_, state) => {
      await refresh();
      toast(t(state === 'disabled' ? 'isDisabled' : 'isEnabled', { name: credential.name }), state === 'disabled' ? { action: { label: t('undo'), run: () => turn.mutate('active') } } : {});
    },
    onError,
  });
  const standard = useMutation({
    mutationFn: (id: string | null) => ok(setDefault({ path: { provider: credential.provider }, body: { credential_id: id } })),
    onSuccess: refresh,
    onError,
  });
  const isDefault = provider?.default_credential_id === credential.id;
  const disabled = credential.state === 'disabled';
  const items: MenuItem[] = [
    { label: t('open'), icon: ArrowRight, onSelect: () => void navigate({ to: '/credentials/$id', params: { id: credential.id } }) },
    { label: t('test'), icon: PlugZap, disabled: !!forbidden, onSelect: () => test.mutate() },
    ...(credential.model ? [] : [{ label: isDefault ? t('noLongerDefault') : t('makeDefault'), icon: Star, disabled: !!forbidden, onSelect: () => standard.mutate(isDefault ? null : credential.id) }]),
    { kind: 'line' },
    { label: disabled ? t('enable') : t('disable'), icon: disabled ? Play : CircleOff, danger: !disabled, disabled: !!forbidden, onSelect: () => turn.mutate(disabled ? 'active' : 'disabled') },
  ];
  return <Menu label={t('menu', { name: credential.name })} items={items} />;
}
