import type { WorkflowView } from '@latchkey/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { FileCode } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import { Button } from '@/components/Button';
import { Checkbox, Radios } from '@/components/Choice';
import { Dialog } from '@/components/Dialog';
import { Note } from '@/components/Note';
import { ProblemNote } from '@/components/Problem';
import { SkeletonRows } from '@/components/Skeleton';
import { toast } from '@/components/Toast';
import { bytes } from '@/util/format';
import { cx } from '@/util/cx';
import { type Choice, errorsOf, isNewer, outline, rowKey } from './file';
import { PaysPart } from './PaysPart';
import { ReportPart } from './ReportPart';
import { SourcePart } from './SourcePart';
import { importFile, type Source, useReport } from './use-import';

const NewCredential = lazy(() => import('@/components/credentials/NewCredential').then((module) => ({ default: module.NewCredential })));

type Target = 'new' | 'update';

/** The report of one file, its keys, and where it goes. Nothing is stored before the button is pressed. */
function OneFile({ source, workflows, onDone, onCancel, sources, onSource }: { source: Source; workflows: WorkflowView[]; onDone: (id: string) => void; onCancel: () => void; sources: Source[]; onSource: (id: string) => void }) {
  const { t } = useTranslation(['workflows', 'common']);
  const [choices, setChoices] = useState(new Map<string, Choice>());
  const [confirmNewer, setConfirmNewer] = useState(false);
  const [bind, setBind] = useState(false);
  const [target, setTarget] = useState<Target>('new');
  const [adding, setAdding] = useState<string | null>(null);
  const client = useQueryClient();
  const about = outline(source.content);
  const { data, error, isPending, refetch } = useReport(source, confirmNewer);
  const refused = error instanceof ApiError ? error.report : null;
  const report = data?.report ?? refused;
  const same = workflows.find((workflow) => workflow.name === about?.name);
  const proposes = report?.items.some((item) => item.code === 'credential_settings_not_applied') ?? false;
  const blocked = !report || errorsOf(report).length > 0 || !!refused || (data ? isNewer(data) : false);
  const save = useMutation({
    mutationFn: () => {
      if (!data) throw new Error('there is no report yet');
      return importFile(source, data.report, { choices, confirmNewer, bind, workflowId: target === 'update' ? (same?.id ?? null) : null });
    },
    onSuccess: async (id) => {
      await Promise.all([client.invalidateQueries({ queryKey: ['workflows'] }), client.invalidateQueries({ queryKey: ['resolve'] })]);
      onDone(id);
    },
  });
  const name = about?.name || source.name;
  return (
    <Dialog
      open
      onClose={onCancel}
      icon={FileCode}
      width={1000}
      dirty={choices.size > 0}
      title={t('importTitle', { name })}
      sub={[source.name, bytes(source.size), about?.version && `Dify ${about.version}`, about?.mode && t(`modes.${about.mode}`, about.mode), about && t('counts', { nodes: about.nodes, edges: about.edges })].filter(Boolean).join(' · ')}
      footer={
        <>
          <span className="t2 sm grow hide-m">{blocked && report ? t('blocked') : t('mayMiss')}</span>
          <Button kind="ghost" onClick={onCancel}>
            {t('common:cancel')}
          </Button>
          <Button kind="primary" busy={save.isPending} forbidden={blocked ? t('blocked') : null} onClick={() => save.mutate()}>
            {t('importAsDraft')}
          </Button>
        </>
      }
    >
      <div className={cx(sources.length > 1 && 'grid gap-4 sm:grid-cols-[180px_minmax(0,1fr)]')}>
        {sources.length > 1 && (
          <ul aria-label={t('files')}>
            {sources.map((each) => (
              <li key={each.id}>
                <button type="button" className={cx('it-file', each.id === source.id && 'on')} aria-current={each.id === source.id} onClick={() => onSource(each.id)}>
                  <span className="ell">{each.name}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
        <div className="col gap-4">
          {isPending && <SkeletonRows rows={5} />}
          {error && !refused && <ProblemNote error={error} retry={() => void refetch()} />}
          {data && isNewer(data) && (
            <Note tone="warn" title={t('newer.title')}>
              {t('newer.text')}
              <div className="mt-2">
                <Checkbox label={t('newer.confirm')} checked={confirmNewer} onChange={setConfirmNewer} />
              </div>
            </Note>
          )}
          {report && <ReportPart report={report} outline={about} name={name} />}
          {report && !refused && <PaysPart report={report} outline={about} choices={choices} onChoices={setChoices} onAdd={setAdding} />}
          {report && !refused && (
            <div className="row g16 wrap">
              <Radios
                label={t('target.label')}
                value={target}
                onChange={setTarget}
                options={[
                  { value: 'new', label: <span className="b">{t('target.new')}</span> },
                  ...(same
                    ? [
                        {
                          value: 'update' as const,
                          label: (
                            <>
                              <span className="b">{t('target.update', { name: same.name })}</span> <span className="t2">{same.published_version ? t('target.live', { version: same.published_version }) : t('target.draft')}</span>
                            </>
                          ),
                        },
                      ]
                    : []),
                ]}
              />
              {proposes && <Checkbox label={t('bind')} checked={bind} onChange={setBind} />}
            </div>
          )}
          {save.error && <ProblemNote error={save.error} title={t('importFailed')} />}
        </div>
      </div>
      <Suspense fallback={null}>
        {adding && (
          <NewCredential
            provider={adding}
            onClose={() => setAdding(null)}
            onMade={(credential) => {
              setAdding(null);
              const rows = (report?.credentials ?? []).filter((row) => row.provider === credential.provider && row.state === 'missing' && !choices.has(rowKey(row)));
              setChoices(new Map([...choices, ...rows.map((row) => [rowKey(row), { name: credential.name, kind: 'credential' as const }] as const)]));
            }}
          />
        )}
      </Suspense>
    </Dialog>
  );
}

type Props = { files: File[]; paste: boolean; workflows: WorkflowView[]; onClose: () => void };

export function ImportDialog({ files, paste, workflows, onClose }: Props) {
  const { t } = useTranslation('workflows');
  const navigate = useNavigate();
  const [sources, setSources] = useState<Source[]>([]);
  const [shown, setShown] = useState<string | null>(null);
  const [imported, setImported] = useState<string[]>([]);
  const left = sources.filter((source) => !imported.includes(source.id));
  const current = left.find((source) => source.id === shown) ?? left[0];
  if (!current) return <SourcePart files={files} paste={paste} onSources={setSources} onClose={onClose} />;
  const done = (id: string) => {
    toast(t('imported', { name: current.name }));
    if (left.length > 1) setImported([...imported, current.id]);
    else void navigate({ to: '/workflows/$id', params: { id } });
  };
  return <OneFile key={current.id} source={current} sources={left} onSource={setShown} workflows={workflows} onDone={done} onCancel={onClose} />;
}
