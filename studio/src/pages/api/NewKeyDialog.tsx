import { createKey } from '@latchkey/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeySquare } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { workflowsQuery } from '@/api/queries';
import { useSession } from '@/api/session';
import { Button } from '@/components/Button';
import { Checkbox, Radios } from '@/components/Choice';
import { CopyButton } from '@/components/Copy';
import { Dialog } from '@/components/Dialog';
import { SelectField, TextField } from '@/components/Field';
import { Note } from '@/components/Note';
import { fieldError, ProblemNote } from '@/components/Problem';

const scopes = ['workflows:read', 'workflows:write', 'workflows:publish', 'runs:read', 'runs:write', 'credentials:read', 'credentials:write', 'credentials:bind', 'usage:read', 'api_keys:write', 'datasets:read', 'datasets:write', 'audit:read'];
const environments = ['production', 'staging', 'development'];
const days = { never: null, month: 30, quarter: 90, year: 365 } as const;
type Life = keyof typeof days;
const isLife = (name: string): name is Life => name in days;

function Made({ value, onClose }: { value: string; onClose: () => void }) {
  const { t } = useTranslation(['api', 'common']);
  const [kept, setKept] = useState(false);
  return (
    <Dialog
      open
      onClose={onClose}
      icon={KeySquare}
      title={t('made')}
      width={560}
      dirty={!kept}
      footer={
        <>
          <span className="grow" />
          <Button kind="primary" onClick={onClose}>
            {t('common:close')}
          </Button>
        </>
      }
    >
      <div className="col gap-3">
        <Note tone="warn" title={t('once')}>
          {t('onceText')}
        </Note>
        <div className="row" onCopy={() => setKept(true)} onClick={() => setKept(true)}>
          <code className="inp grow overflow-x-auto whitespace-nowrap bg-sunken" data-testid="api-key">
            {value}
          </code>
          <CopyButton text={value}>{t('common:copy.label')}</CopyButton>
        </div>
      </div>
    </Dialog>
  );
}

export function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['api', 'common']);
  const session = useSession();
  const { data: workflows } = useQuery(workflowsQuery);
  const [name, setName] = useState('');
  const [kind, setKind] = useState<'app' | 'workspace'>('app');
  const [workflow, setWorkflow] = useState('');
  const [may, setMay] = useState(['runs:read', 'runs:write']);
  const [places, setPlaces] = useState(['production']);
  const [life, setLife] = useState<Life>('never');
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: () => {
      const last = days[life];
      return ok(
        createKey({
          body: {
            name: name.trim(),
            kind,
            scopes: may,
            environments: places,
            ...(kind === 'app' ? { workflow_id: workflow || workflows?.[0]?.id } : {}),
            ...(last === null ? {} : { expires_at: new Date(Date.now() + last * 86_400_000).toISOString() }),
          },
        }),
      );
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['api-keys'] }),
  });
  if (make.data?.key) return <Made value={make.data.key} onClose={onClose} />;
  const toggle = (all: string[], one: string, on: boolean) => (on ? [...all, one] : all.filter((each) => each !== one));
  return (
    <Dialog
      open
      onClose={onClose}
      icon={KeySquare}
      title={t('new')}
      sub={t('newSub')}
      width={560}
      dirty={name !== ''}
      footer={
        <>
          <span className="grow" />
          <Button kind="ghost" onClick={onClose}>
            {t('common:cancel')}
          </Button>
          <Button kind="primary" busy={make.isPending} forbidden={name.trim() ? null : t('nameFirst')} onClick={() => make.mutate()}>
            {t('make')}
          </Button>
        </>
      }
    >
      <form
        className="col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) make.mutate();
        }}
      >
        <TextField label={t('common:name')} value={name} autoFocus placeholder="web-widget" error={fieldError(make.error, 'name')} onChange={(event) => setName(event.target.value)} />
        <Radios
          label={t('col.for')}
          value={kind}
          onChange={setKind}
          options={[
            { value: 'app', label: t('oneWorkflow'), hint: t('appHint') },
            { value: 'workspace', label: t('wholeWorkspace'), hint: t('workspaceHint') },
          ]}
        />
        {kind === 'app' && (
          <SelectField label={t('workflow')} value={workflow || (workflows?.[0]?.id ?? '')} onChange={(event) => setWorkflow(event.target.value)}>
            {(workflows ?? []).map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </SelectField>
        )}
        <fieldset>
          <legend className="lab">{t('col.may')}</legend>
          <div className="grid gap-x-4 sm:grid-cols-2">
            {scopes
              .filter((scope) => session.permissions.includes(scope))
              .map((scope) => (
                <Checkbox key={scope} label={<code>{scope}</code>} checked={may.includes(scope)} onChange={(on) => setMay(toggle(may, scope, on))} />
              ))}
          </div>
          {fieldError(make.error, 'scopes') && <p className="hint bad">{fieldError(make.error, 'scopes')}</p>}
        </fieldset>
        <fieldset>
          <legend className="lab">{t('col.environments')}</legend>
          <div className="row g16 wrap">
            {environments.map((environment) => (
              <Checkbox key={environment} label={environment} checked={places.includes(environment)} onChange={(on) => setPlaces(toggle(places, environment, on))} />
            ))}
          </div>
        </fieldset>
        <SelectField label={t('col.expires')} value={life} onChange={(event) => isLife(event.target.value) && setLife(event.target.value)}>
          {Object.keys(days).map((each) => (
            <option key={each} value={each}>
              {t(`life.${each}`)}
            </option>
          ))}
        </SelectField>
        {make.error && <ProblemNote error={make.error} />}
      </form>
    </Dialog>
  );
}
