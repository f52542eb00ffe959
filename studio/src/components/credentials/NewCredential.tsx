import { createCredential, type CredentialView } from '@latchkey/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { ApiError } from '@/api/problem';
import { providersQuery } from '@/api/queries';
import { Button } from '../Button';
import { Checkbox, Switch } from '../Choice';
import { Dialog } from '../Dialog';
import { Field, Select, TextField } from '../Field';
import { fieldError, ProblemNote } from '../Problem';
import { ProviderMark } from '../ProviderMark';
import { body, type Draft, fieldsOf, missing, nameFits } from './form';
import { ValueFields } from './ValueFields';

type Props = {
  provider?: string;
  /** A name that something asks for, such as the one that a variable rendered to. */
  name?: string;
  onClose: () => void;
  onMade: (credential: CredentialView) => void;
};

const environments = ['production', 'staging', 'development'];

/** The provider's own form, in a sheet at the side. */
export function NewCredential({ provider = 'openai', name = '', onClose, onMade }: Props) {
  const { t } = useTranslation(['credentials', 'common']);
  const { data: providers } = useQuery(providersQuery);
  const [draft, setDraft] = useState<Draft>({ provider, name, values: {}, isDefault: false, validate: true, environments: [] });
  const [tried, setTried] = useState(false);
  const client = useQueryClient();
  const chosen = providers?.find((each) => each.id === draft.provider);
  const fields = chosen ? fieldsOf(chosen) : [];
  const save = useMutation({
    mutationFn: (validate: boolean) => ok(createCredential({ body: body({ ...draft, validate }) })),
    onSuccess: async (credential) => {
      await Promise.all([client.invalidateQueries({ queryKey: ['credentials'] }), client.invalidateQueries({ queryKey: ['providers'] }), client.invalidateQueries({ queryKey: ['resolve'] })]);
      onMade(credential);
    },
  });
  const set = (next: Partial<Draft>) => setDraft({ ...draft, ...next });
  const wrong = tried ? missing(draft, fields) : [];
  const badName = tried && !nameFits(draft.name.trim());
  const submit = (validate: boolean) => {
    setTried(true);
    if (nameFits(draft.name.trim()) && missing(draft, fields).length === 0) save.mutate(validate);
  };
  // What a person may decide to store all the same: the provider refused it or did not answer.
  const untested = save.error instanceof ApiError && draft.validate && !['forbidden', 'credential_exists', 'conflict', 'invalid_input'].includes(save.error.code) && save.error.items.length === 0;
  return (
    <Dialog
      open
      side
      width={460}
      onClose={onClose}
      icon={KeyRound}
      title={t('add')}
      sub={t('sub')}
      dirty={Object.values(draft.values).some(Boolean)}
      footer={
        <>
          <span className="grow" />
          <Button kind="ghost" onClick={onClose}>
            {t('common:cancel')}
          </Button>
          <Button kind="primary" busy={save.isPending} onClick={() => submit(draft.validate)}>
            {draft.validate ? t('testAndSave') : t('common:save')}
          </Button>
        </>
      }
    >
      <form
        className="col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit(draft.validate);
        }}
      >
        <Field label={t('provider')}>
          {(ids) => (
            <span className="row">
              <ProviderMark provider={draft.provider} size="m" />
              <Select {...ids} value={draft.provider} onChange={(event) => set({ provider: event.target.value, values: {} })}>
                {!chosen && <option value={draft.provider}>{draft.provider}</option>}
                {[...(providers ?? [])]
                  .filter((each) => each.secrets !== 'never')
                  .sort((a, b) => a.label.localeCompare(b.label))
                  .map((each) => (
                    <option key={each.id} value={each.id}>
                      {each.label}
                    </option>
                  ))}
              </Select>
            </span>
          )}
        </Field>
        <TextField
          label={t('common:name')}
          mono
          value={draft.name}
          placeholder="customer-acme"
          hint={t('nameHint')}
          error={badName ? t('nameWrong') : fieldError(save.error, 'name')}
          onChange={(event) => set({ name: event.target.value })}
        />
        <ValueFields fields={fields} values={draft.values} onValues={(values) => set({ values })} error={save.error} wrong={wrong} />
        <fieldset>
          <legend className="lab">{t('environments')}</legend>
          <div className="row g16 wrap">
            {environments.map((environment) => (
              <Checkbox
                key={environment}
                label={environment}
                checked={draft.environments.includes(environment)}
                onChange={(on) => set({ environments: on ? [...draft.environments, environment] : draft.environments.filter((each) => each !== environment) })}
              />
            ))}
          </div>
          <p className="hint">{t('environmentsHint')}</p>
        </fieldset>
        <Switch label={t('asDefault', { provider: chosen?.label ?? draft.provider })} hint={t('asDefaultHint')} checked={draft.isDefault} onChange={(isDefault) => set({ isDefault })} />
        <Switch label={t('validate')} hint={t('validateHint')} checked={draft.validate} onChange={(validate) => set({ validate })} />
        {save.error && <ProblemNote error={save.error} title={t('notSaved')} />}
        {untested && (
          <span>
            <Button onClick={() => submit(false)}>{t('saveUntested')}</Button>
          </span>
        )}
        <button type="submit" className="vh" tabIndex={-1} aria-hidden="true" />
      </form>
    </Dialog>
  );
}
