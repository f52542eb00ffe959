import { type FormInputView, type FormView, listForms, submitForm } from '@latchkey/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Clock } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { isStatus } from '@/api/problem';
import { all, runQuery } from '@/api/queries';
import { Button } from '@/components/Button';
import { SelectField, TextAreaField, TextField } from '@/components/Field';
import { Icon } from '@/components/Icon';
import { useForbidden } from '@/components/May';
import { Note } from '@/components/Note';
import { NothingHere } from '@/components/NothingHere';
import { Page } from '@/components/Page';
import { fieldError, ProblemNote } from '@/components/Problem';
import { SkeletonBlock } from '@/components/Skeleton';
import { roughly } from '@/util/format';
import { useSeconds } from '@/util/now';

type Values = Record<string, string>;

function Input({ input, value, onChange, error, disabled }: { input: FormInputView; value: string; onChange: (value: string) => void; error: string | null; disabled: boolean }) {
  if (input.options && input.options.length > 0)
    return (
      <SelectField label={input.name} value={value} error={error} disabled={disabled} onChange={(event) => onChange(event.target.value)}>
        <option value="" />
        {input.options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </SelectField>
    );
  if (input.type === 'paragraph') return <TextAreaField label={input.name} dir="auto" value={value} error={error} disabled={disabled} onChange={(event) => onChange(event.target.value)} />;
  return <TextField label={input.name} dir="auto" type={input.type === 'number' ? 'number' : 'text'} value={value} error={error} disabled={disabled} onChange={(event) => onChange(event.target.value)} />;
}

/** A file by its address; an upload's id is taken too. */
function valueOf(input: FormInputView, text: string): unknown {
  const file = (one: string) => (/^https?:/.test(one) ? { transfer_method: 'remote_url', url: one } : { transfer_method: 'local_file', upload_file_id: one });
  if (input.type === 'number') return Number(text);
  if (input.type === 'file') return file(text.trim());
  if (input.type === 'file-list') return text.split(/\s+/).filter(Boolean).map(file);
  return text;
}

function OpenForm({ form }: { form: FormView }) {
  const { t } = useTranslation(['forms', 'common']);
  const [values, setValues] = useState<Values>(() => Object.fromEntries(form.inputs.map((input) => [input.name, input.default ?? ''])));
  const client = useQueryClient();
  const forbidden = useForbidden('runs:write');
  const now = useSeconds();
  const answer = useMutation({
    mutationFn: (action: string) => ok(submitForm({ path: { id: form.run_id, form_id: form.id }, body: { action, values: Object.fromEntries(form.inputs.map((input) => [input.name, valueOf(input, values[input.name] ?? '')])) } })),
    onSettled: () => client.invalidateQueries({ queryKey: ['runs'] }),
  });
  const left = Date.parse(form.due_at) - now;
  return (
    <div className="card max-w-2xl">
      <div className="hd">
        <h2>{form.title}</h2>
        <span className="t2 sm end row g4">
          <Icon of={Clock} size="s" /> {left > 0 ? t('left', { time: roughly(left) }) : t('over')}
        </span>
      </div>
      <div className="bd col gap-4">
        <p className="whitespace-pre-wrap" dir="auto">
          {form.content.replace(/\{\{#\$output\.[^#]+#\}\}/g, '').trim()}
        </p>
        {form.inputs.map((input) => (
          <Input key={input.name} input={input} value={values[input.name] ?? ''} disabled={!!forbidden} error={fieldError(answer.error, input.name)} onChange={(value) => setValues({ ...values, [input.name]: value })} />
        ))}
        {answer.error && <ProblemNote error={answer.error} title={t('notAnswered')} />}
        <div className="row wrap border-t border-line pt-4">
          {form.actions.map((action) => (
            <Button key={action.id} kind={action.style === 'primary' || action.style === 'accent' ? 'primary' : action.style === 'ghost' ? 'ghost' : 'default'} size="lg" forbidden={forbidden} busy={answer.isPending && answer.variables === action.id} onClick={() => answer.mutate(action.id)}>
              {action.title}
            </Button>
          ))}
        </div>
      </div>
    </div>
  );
}

function Answered({ form }: { form: FormView }) {
  const { t } = useTranslation('forms');
  const action = form.actions.find((each) => each.id === form.answer?.action);
  return (
    <Note tone={form.state === 'answered' ? 'ok' : 'info'} title={form.state === 'answered' ? t('answered', { action: action?.title ?? form.answer?.action ?? '' }) : t('closed')} className="max-w-2xl">
      {form.answer && Object.keys(form.answer.values).length > 0 && <pre className="code mt-2">{JSON.stringify(form.answer.values, null, 2)}</pre>}
    </Note>
  );
}

/** What a run that waits for a person asks. */
export function FormPage() {
  const { t } = useTranslation('forms');
  const { id, form: formId } = useParams({ from: '/inside/runs/$id/forms/$form' });
  const { data: run } = useQuery(runQuery(id));
  const forms = useQuery({ queryKey: ['runs', 'forms', id], queryFn: () => all<FormView>((cursor) => ok(listForms({ path: { id }, query: { limit: 100, cursor } }))) });
  const form = forms.data?.find((each) => each.id === formId);
  if (isStatus(forms.error, 404) || isStatus(forms.error, 400) || (forms.data && !form)) return <NothingHere />;
  return (
    <Page
      title={form?.title || t('title')}
      sub={
        run && (
          <Link className="link" to="/runs/$id" params={{ id }} search={{}}>
            {t('toRun')}
          </Link>
        )
      }
      crumbs={[{ label: t('runs'), to: '/runs' }, { label: t('title') }]}
    >
      {forms.error && <ProblemNote error={forms.error} retry={() => void forms.refetch()} />}
      {forms.isPending && <SkeletonBlock height={240} />}
      {form && (form.state === 'open' ? <OpenForm form={form} /> : <Answered form={form} />)}
    </Page>
  );
}
