import { useNavigate } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { Command as Cmdk } from 'cmdk';
import { ChartColumn, CodeXml, FileDown, KeyRound, ListTree, type LucideIcon, MessageSquareText, Plus, ScrollText, Settings2, SunMoon, Users, Workflow } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { credentialsQuery, workflowsQuery } from '@/api/queries';
import { CredentialName, last4 } from '@/components/CredentialName';
import { Icon } from '@/components/Icon';
import { closePalette, useOfferedCommands } from '@/util/palette';
import { setTheme, useTheme } from '@/util/theme';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const places = [
  { to: '/workflows', icon: Workflow, label: 'workflows', keys: 'G W' },
  { to: '/runs', icon: ListTree, label: 'runs', keys: 'G R' },
  { to: '/credentials', icon: KeyRound, label: 'credentials', keys: 'G C' },
  { to: '/usage', icon: ChartColumn, label: 'usage', keys: 'G U' },
  { to: '/api-keys', icon: CodeXml, label: 'api', keys: '' },
  { to: '/members', icon: Users, label: 'members', keys: '' },
  { to: '/audit', icon: ScrollText, label: 'audit', keys: '' },
  { to: '/settings', icon: Settings2, label: 'settings', keys: '' },
] as const;

function Row({ value, icon, text, keys, onSelect }: { value: string; icon: LucideIcon; text: string; keys?: string; onSelect: () => void }) {
  return (
    <Cmdk.Item className="it" value={value} onSelect={onSelect}>
      <Icon of={icon} size="s" className="t2" />
      <span className="grow ell" dir="auto">
        {text}
      </span>
      {keys && <span className="kbd">{keys}</span>}
    </Cmdk.Item>
  );
}

export function Palette() {
  const { t } = useTranslation('common');
  const [typed, setTyped] = useState('');
  const navigate = useNavigate();
  const theme = useTheme();
  const offered = useOfferedCommands();
  const { data: workflows } = useQuery(workflowsQuery);
  const { data: credentials } = useQuery(credentialsQuery);
  const then = (go: () => unknown) => () => {
    closePalette();
    void go();
  };
  const groups = [...new Set(offered.map((command) => command.group))];
  const id = typed.trim();
  return (
    <Dialog.Root open onOpenChange={(open) => !open && closePalette()}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content className="palette" aria-describedby={undefined}>
          <Dialog.Title className="vh">{t('palette.title')}</Dialog.Title>
          <Cmdk label={t('palette.title')} loop>
            <Cmdk.Input className="palette-input" value={typed} onValueChange={setTyped} placeholder={t('palette.placeholder')} />
            <Cmdk.List className="palette-list">
              <Cmdk.Empty className="t2 p-4 text-center">{t('palette.empty')}</Cmdk.Empty>
              {uuid.test(id) && <Row value={id} icon={ListTree} text={t('palette.run', { id })} onSelect={then(() => navigate({ to: '/runs/$id', params: { id } }))} />}
              {groups.map((group) => (
                <Cmdk.Group heading={group} key={group}>
                  {offered
                    .filter((command) => command.group === group)
                    .map((command) => (
                      <Row key={command.id} value={`${command.label} ${command.id}`} icon={Workflow} text={command.label} keys={command.keys} onSelect={then(command.run)} />
                    ))}
                </Cmdk.Group>
              ))}
              <Cmdk.Group heading={t('palette.workflows')}>
                {workflows?.map((workflow) => (
                  <Row
                    key={workflow.id}
                    value={`${workflow.name} ${workflow.id}`}
                    icon={workflow.mode === 'advanced-chat' ? MessageSquareText : Workflow}
                    text={workflow.name}
                    onSelect={then(() => navigate({ to: '/workflows/$id', params: { id: workflow.id } }))}
                  />
                ))}
              </Cmdk.Group>
              <Cmdk.Group heading={t('palette.credentials')}>
                {credentials?.map((credential) => (
                  <Cmdk.Item
                    className="it"
                    key={credential.id}
                    value={`${credential.name} ${credential.provider} ${credential.id}`}
                    onSelect={then(() => navigate({ to: '/credentials/$id', params: { id: credential.id } }))}
                  >
                    <CredentialName provider={credential.provider} name={credential.name} last4={last4(credential)} />
                  </Cmdk.Item>
                ))}
              </Cmdk.Group>
              <Cmdk.Group heading={t('palette.places')}>
                {places.map((place) => (
                  <Row key={place.to} value={`${t(`nav.${place.label}`)} ${place.to}`} icon={place.icon} text={t(`nav.${place.label}`)} keys={place.keys} onSelect={then(() => navigate({ to: place.to }))} />
                ))}
              </Cmdk.Group>
              <Cmdk.Group heading={t('palette.actions')}>
                <Row value={t('palette.new')} icon={Plus} text={t('palette.new')} onSelect={then(() => navigate({ to: '/workflows', search: { import: 'new' } }))} />
                <Row value={t('palette.import')} icon={FileDown} text={t('palette.import')} onSelect={then(() => navigate({ to: '/workflows', search: { import: 'file' } }))} />
                <Row value={t('palette.credential')} icon={KeyRound} text={t('palette.credential')} onSelect={then(() => navigate({ to: '/credentials', search: { new: 'credential' } }))} />
                <Row value={t('palette.theme')} icon={SunMoon} text={t('palette.theme')} onSelect={then(() => setTheme(theme === 'dark' ? 'light' : 'dark'))} />
              </Cmdk.Group>
            </Cmdk.List>
          </Cmdk>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
