import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { UserPlus, Users } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isStatus } from '@/api/problem';
import { changeMember, type Invitation, invitationsQuery, invite, type Member, membersQuery, removeMember, revokeInvitation, type Role, useSession } from '@/api/session';
import { Avatar } from '@/components/Avatar';
import { Button } from '@/components/Button';
import { CopyButton } from '@/components/Copy';
import { ConfirmDialog, Dialog } from '@/components/Dialog';
import { Empty } from '@/components/Empty';
import { Select, SelectField, TextField } from '@/components/Field';
import { Menu } from '@/components/Menu';
import { useForbidden } from '@/components/May';
import { Note } from '@/components/Note';
import { Page } from '@/components/Page';
import { fieldError, ProblemNote, useErrorText } from '@/components/Problem';
import { SkeletonRows } from '@/components/Skeleton';
import { Tag } from '@/components/Tag';
import { Time } from '@/components/Time';
import { toast } from '@/components/Toast';

const roles: readonly Role[] = ['owner', 'admin', 'editor', 'viewer'];
const isRole = (name: string): name is Role => roles.some((role) => role === name);

function MemberRow({ member, forbidden, mayOwn }: { member: Member; forbidden: string | null; mayOwn: boolean }) {
  const { t } = useTranslation(['members', 'common']);
  const client = useQueryClient();
  const say = useErrorText();
  const session = useSession();
  const [removing, setRemoving] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: ['members'] });
  const change = useMutation({ mutationFn: (body: { role?: Role; disabled?: boolean }) => changeMember(member.id, body), onSuccess: refresh, onError: (error) => toast(say(error), { tone: 'warn' }) });
  const remove = useMutation({ mutationFn: () => removeMember(member.id), onSuccess: refresh });
  const me = session.member?.id === member.id;
  const locked = !!forbidden || me || (member.role === 'owner' && !mayOwn);
  return (
    <tr>
      <td className="full">
        <span className="row gap-2.5">
          <Avatar name={member.name} />
          <span className="min-w-0">
            <span className="b ell block" dir="auto">
              {member.name} {me && <Tag>{t('you')}</Tag>}
            </span>
            <span className="t3 sm ell block">{member.email}</span>
          </span>
        </span>
      </td>
      <td>
        <Select small className="w-32" aria-label={t('roleOf', { name: member.name })} value={member.role} disabled={locked || change.isPending} title={forbidden ?? undefined} onChange={(event) => isRole(event.target.value) && change.mutate({ role: event.target.value })}>
          {roles.map((role) => (
            <option key={role} value={role} disabled={role === 'owner' && !mayOwn}>
              {t(`roles.${role}`)}
            </option>
          ))}
        </Select>
      </td>
      <td className="push">{member.disabled ? <span className="st">{t('disabled')}</span> : <span className="st ok">{t('active')}</span>}</td>
      <td className="t2 sm hide-m">
        <Time at={member.last_seen_at} none={t('never')} />
      </td>
      <td className="t2 sm hide-m hide-t">
        <Time at={member.created_at} />
      </td>
      <td className="r">
        <Menu
          label={t('menu', { name: member.name })}
          items={[
            { label: member.disabled ? t('enable') : t('disable'), disabled: locked, onSelect: () => change.mutate({ disabled: !member.disabled }) },
            { label: t('remove'), danger: true, disabled: locked, onSelect: () => setRemoving(true) },
          ]}
        />
        <ConfirmDialog open={removing} onClose={() => setRemoving(false)} onConfirm={() => remove.mutate()} busy={remove.isPending} title={t('removeTitle', { name: member.name })} action={t('remove')}>
          {t('removeText')}
          {remove.error && <ProblemNote error={remove.error} className="mt-3" />}
        </ConfirmDialog>
      </td>
    </tr>
  );
}

function InviteDialog({ onClose, mayOwn }: { onClose: () => void; mayOwn: boolean }) {
  const { t } = useTranslation(['members', 'common']);
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('editor');
  const client = useQueryClient();
  const make = useMutation({ mutationFn: () => invite({ email: email.trim(), role }), onSuccess: () => client.invalidateQueries({ queryKey: ['invitations'] }) });
  const made = make.data;
  return (
    <Dialog
      open
      onClose={onClose}
      icon={UserPlus}
      title={t('invite')}
      width={480}
      dirty={email !== '' && !made}
      footer={
        <>
          <span className="grow" />
          <Button kind={made ? 'primary' : 'ghost'} onClick={onClose}>
            {made ? t('common:close') : t('common:cancel')}
          </Button>
          {!made && (
            <Button kind="primary" busy={make.isPending} onClick={() => make.mutate()}>
              {t('makeInvitation')}
            </Button>
          )}
        </>
      }
    >
      {made?.url ? (
        <div className="col gap-3">
          <Note tone="ok" title={t('invited', { email: made.email })}>
            {t('once')}
          </Note>
          <div className="row">
            <code className="inp grow overflow-x-auto whitespace-nowrap bg-sunken">{made.url}</code>
            <CopyButton text={made.url}>{t('common:copy.label')}</CopyButton>
          </div>
        </div>
      ) : (
        <form
          className="col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            make.mutate();
          }}
        >
          <TextField label={t('email')} type="email" required autoFocus value={email} error={fieldError(make.error, 'email')} onChange={(event) => setEmail(event.target.value)} />
          <SelectField label={t('role')} hint={t(`roleHint.${role}`)} value={role} onChange={(event) => isRole(event.target.value) && setRole(event.target.value)}>
            {roles.map((each) => (
              <option key={each} value={each} disabled={each === 'owner' && !mayOwn}>
                {t(`roles.${each}`)}
              </option>
            ))}
          </SelectField>
          {make.error && <ProblemNote error={make.error} />}
        </form>
      )}
    </Dialog>
  );
}

function Invitations({ invitations, forbidden }: { invitations: Invitation[]; forbidden: string | null }) {
  const { t } = useTranslation('members');
  const client = useQueryClient();
  const say = useErrorText();
  const revoke = useMutation({ mutationFn: revokeInvitation, onSuccess: () => client.invalidateQueries({ queryKey: ['invitations'] }), onError: (error) => toast(say(error), { tone: 'warn' }) });
  return (
    <section className="card mt-4">
      <div className="hd">
        <h2>{t('open')}</h2>
      </div>
      <table className="tbl den stack">
        <thead>
          <tr>
            <th>{t('email')}</th>
            <th>{t('role')}</th>
            <th>{t('expires')}</th>
            <th>
              <span className="vh">{t('actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {invitations.map((invitation) => (
            <tr key={invitation.id}>
              <td className="b full">{invitation.email}</td>
              <td>{t(`roles.${invitation.role}`)}</td>
              <td className="t2 sm">
                <Time at={invitation.expires_at} />
              </td>
              <td className="r push">
                <Button size="sm" forbidden={forbidden} busy={revoke.isPending && revoke.variables === invitation.id} onClick={() => revoke.mutate(invitation.id)}>
                  {t('revoke')}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function MembersPage() {
  const { t } = useTranslation(['members', 'common']);
  const members = useQuery(membersQuery);
  const invitations = useQuery(invitationsQuery);
  const forbidden = useForbidden('members:write');
  const mayOwn = useForbidden('workspace:write') === null;
  const [inviting, setInviting] = useState(false);
  const without = isStatus(members.error, 404);
  return (
    <Page
      title={t('title')}
      sub={t('sub')}
      actions={
        !without && (
          <Button icon={UserPlus} kind="primary" forbidden={forbidden} onClick={() => setInviting(true)}>
            {t('invite')}
          </Button>
        )
      }
    >
      {without && (
        <div className="card">
          <Empty icon={Users} title={t('without')}>
            {t('withoutText')}
          </Empty>
        </div>
      )}
      {members.error && !without && <ProblemNote error={members.error} title={t('failed')} retry={() => void members.refetch()} />}
      {members.isPending && (
        <div className="card">
          <SkeletonRows rows={4} />
        </div>
      )}
      {members.data && (
        <div className="card">
          <table className="tbl stack">
            <thead>
              <tr>
                <th>{t('name')}</th>
                <th>{t('role')}</th>
                <th>{t('state')}</th>
                <th>{t('seen')}</th>
                <th className="hide-t">{t('since')}</th>
                <th>
                  <span className="vh">{t('actions')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {members.data.map((member) => (
                <MemberRow key={member.id} member={member} forbidden={forbidden} mayOwn={mayOwn} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {invitations.data && invitations.data.length > 0 && <Invitations invitations={invitations.data} forbidden={forbidden} />}
      {members.data && (
        <dl className="kv mt-6 max-w-2xl">
          {roles.map((role) => (
            <div key={role} className="contents">
              <dt className="b">{t(`roles.${role}`)}</dt>
              <dd className="t2">{t(`roleHint.${role}`)}</dd>
            </div>
          ))}
        </dl>
      )}
      {inviting && <InviteDialog onClose={() => setInviting(false)} mayOwn={mayOwn} />}
    </Page>
  );
}
