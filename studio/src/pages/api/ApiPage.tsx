import { deleteKey, getDraft, type KeyView } from '@latchkey/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { BookOpen, KeySquare, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { keysQuery, workflowsQuery } from '@/api/queries';
import { Button, buttonClass } from '@/components/Button';
import { Segmented } from '@/components/Choice';
import { CopyButton } from '@/components/Copy';
import { ConfirmDialog } from '@/components/Dialog';
import { Empty } from '@/components/Empty';
import { Select } from '@/components/Field';
import { Icon } from '@/components/Icon';
import { useForbidden } from '@/components/May';
import { Page } from '@/components/Page';
import { ProblemNote } from '@/components/Problem';
import { SkeletonRows } from '@/components/Skeleton';
import { Tag } from '@/components/Tag';
import { Time } from '@/components/Time';
import { NewKeyDialog } from './NewKeyDialog';
import { type Dialect, exampleInputs, snippet, type SnippetLanguage } from './snippets';

function KeyRow({ apiKey, workflow, forbidden }: { apiKey: KeyView; workflow: string | undefined; forbidden: string | null }) {
  const { t } = useTranslation(['api', 'common']);
  const client = useQueryClient();
  const [removing, setRemoving] = useState(false);
  const remove = useMutation({ mutationFn: () => ok(deleteKey({ path: { id: apiKey.id } })), onSuccess: () => client.invalidateQueries({ queryKey: ['api-keys'] }) });
  return (
    <tr>
      <td className="full">
        <span className="b ell block max-w-72" dir="auto">
          {apiKey.name}
        </span>
      </td>
      <td>
        <code className="t2">{apiKey.prefix}…</code>
      </td>
      <td className="sm">
        {apiKey.kind === 'app' ? <span dir="auto">{workflow ?? t('oneWorkflow')}</span> : t('wholeWorkspace')}
      </td>
      <td className="t2 sm hide-m" title={apiKey.scopes.join(', ')}>
        {t('scopes', { count: apiKey.scopes.length })}
      </td>
      <td className="hide-m">
        <span className="row g4 wrap">
          {apiKey.environments.map((environment) => (
            <Tag key={environment}>{environment}</Tag>
          ))}
        </span>
      </td>
      <td className="t2 sm hide-m hide-t">
        <Time at={apiKey.last_used_at} none={t('never')} />
      </td>
      <td className="t2 sm hide-m hide-t">
        <Time at={apiKey.expires_at} none={t('noEnd')} />
      </td>
      <td className="r push">
        <Button size="sm" kind="ghost" forbidden={forbidden} onClick={() => setRemoving(true)}>
          {t('revoke')}
        </Button>
        <ConfirmDialog open={removing} onClose={() => setRemoving(false)} onConfirm={() => remove.mutate()} busy={remove.isPending} title={t('revokeTitle', { name: apiKey.name })} action={t('revoke')}>
          {t('revokeText')}
          {remove.error && <ProblemNote error={remove.error} className="mt-3" />}
        </ConfirmDialog>
      </td>
    </tr>
  );
}

function Snippets() {
  const { t } = useTranslation('api');
  const search = useSearch({ from: '/inside/api-keys' });
  const navigate = useNavigate({ from: '/api-keys' });
  const { data: workflows } = useQuery(workflowsQuery);
  const [dialect, setDialect] = useState<Dialect>('native');
  const language: SnippetLanguage = search.language === 'python' || search.language === 'typescript' ? search.language : 'curl';
  const workflow = workflows?.find((each) => each.id === search.workflow) ?? workflows?.find((each) => each.published_version) ?? workflows?.[0];
  const { data: draft } = useQuery({ queryKey: ['draft', 'inputs', workflow?.id], enabled: !!workflow, queryFn: () => ok(getDraft({ path: { id: workflow?.id ?? '' } })), staleTime: 30_000 });
  const text = snippet(language, dialect, { origin: location.origin, workflow: workflow ?? null, inputs: exampleInputs(draft), environment: null });
  return (
    <section className="card mt-4">
      <div className="hd wrap">
        <h2>{t('call')}</h2>
        <Select small className="w-auto max-w-56" aria-label={t('workflow')} value={workflow?.id ?? ''} onChange={(event) => void navigate({ search: (old) => ({ ...old, workflow: event.target.value }), replace: true })}>
          {(workflows ?? []).map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </Select>
        <span className="row end wrap">
          <Segmented<Dialect>
            label={t('dialect')}
            value={dialect}
            onChange={setDialect}
            options={[
              { value: 'native', label: t('native') },
              { value: 'dify', label: t('dify') },
            ]}
          />
          <Segmented<SnippetLanguage>
            label={t('language')}
            value={language}
            onChange={(next) => void navigate({ search: (old) => ({ ...old, language: next === 'curl' ? undefined : next }), replace: true })}
            options={[
              { value: 'curl', label: 'curl' },
              { value: 'python', label: 'Python' },
              { value: 'typescript', label: 'TypeScript' },
            ]}
          />
        </span>
      </div>
      <div className="bd">
        {workflow && !workflow.published_version && <p className="st warn mb-2">{t('unpublished')}</p>}
        <div className="relative">
          <pre className="code" tabIndex={0} aria-label={t('snippet')} dir="ltr">
            {text}
          </pre>
          <span className="absolute right-2 top-2">
            <CopyButton text={text} />
          </span>
        </div>
        <p className="t2 sm mt-3">{dialect === 'native' ? t('nativeHint') : t('difyHint')}</p>
      </div>
    </section>
  );
}

export function ApiPage() {
  const { t } = useTranslation(['api', 'common']);
  const keys = useQuery(keysQuery);
  const { data: workflows } = useQuery(workflowsQuery);
  const forbidden = useForbidden('api_keys:write');
  const [making, setMaking] = useState(false);
  return (
    <Page
      title={t('title')}
      sub={
        <>
          {t('base')} <code>{location.origin}/api/v1</code>
        </>
      }
      actions={
        <>
          <a className={buttonClass({})} href="/docs" target="_blank" rel="noreferrer">
            <Icon of={BookOpen} size="s" /> {t('reference')}
          </a>
          <Button icon={Plus} kind="primary" forbidden={forbidden} onClick={() => setMaking(true)}>
            {t('new')}
          </Button>
        </>
      }
    >
      {keys.error && <ProblemNote error={keys.error} title={t('failed')} retry={() => void keys.refetch()} className="mb-4" />}
      {(keys.isPending || keys.data) && (
        <div className="card">
          {keys.isPending && <SkeletonRows rows={3} />}
          {keys.data?.length === 0 && (
            <Empty icon={KeySquare} title={t('none')}>
              {t('noneText')}
            </Empty>
          )}
          {keys.data && keys.data.length > 0 && (
            <table className="tbl den stack">
              <thead>
                <tr>
                  <th>{t('col.name')}</th>
                  <th>{t('col.key')}</th>
                  <th>{t('col.for')}</th>
                  <th>{t('col.may')}</th>
                  <th>{t('col.environments')}</th>
                  <th className="hide-t">{t('col.used')}</th>
                  <th className="hide-t">{t('col.expires')}</th>
                  <th>
                    <span className="vh">{t('common:actions')}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {keys.data.map((key) => (
                  <KeyRow key={key.id} apiKey={key} workflow={workflows?.find((each) => each.id === key.workflow_id)?.name} forbidden={forbidden} />
                ))}
              </tbody>
            </table>
          )}
        </div>
      )}
      <Snippets />
      {making && <NewKeyDialog onClose={() => setMaking(false)} />}
    </Page>
  );
}
