import { exportWorkflow, listVersions, restoreVersion, type VersionView } from '@latchkey/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { GitCompareArrows, History, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { parse } from 'yaml';
import { getDraft } from '@latchkey/client';
import { ok, okTagged } from '@/api/http';
import { all, keysQuery } from '@/api/queries';
import { membersQuery, useMay } from '@/api/session';
import { Button } from '@/components/Button';
import { ConfirmDialog } from '@/components/Dialog';
import { Empty } from '@/components/Empty';
import { ProblemNote } from '@/components/Problem';
import { SkeletonRows } from '@/components/Skeleton';
import { Tag } from '@/components/Tag';
import { Time } from '@/components/Time';
import { toast } from '@/components/Toast';
import { cx } from '@/util/cx';
import { type Draft, readDraft } from '../document/draft';
import { isObject, type JsonObject, str } from '../document/json';
import type { Saver } from '../save/saver';
import { useDraft, useEditor } from '../state/context';
import { DifferenceView } from './DifferenceView';

function useVersion(workflow: string, version: number | undefined) {
  return useQuery({
    queryKey: ['workflows', workflow, 'version', version],
    enabled: version !== undefined,
    staleTime: Infinity,
    queryFn: async (): Promise<Draft> => {
      const text = await ok(exportWorkflow({ path: { id: workflow }, query: { version: String(version) }, parseAs: 'text' }));
      const read: unknown = parse(String(text));
      return readDraft(isObject(read) ? read : {});
    },
  });
}

/** Versions know their author by kind and id; the names are those that may be read. */
function useAuthors(): (version: VersionView) => string {
  const { t } = useTranslation('editor');
  const { data: members } = useQuery(membersQuery);
  const may = useMay('api_keys:write');
  const { data: keys } = useQuery({ ...keysQuery, enabled: may });
  return (version) => {
    const author = version.author as JsonObject;
    const id = str(author.id);
    if (str(author.kind) === 'member') return members?.find((member) => member.id === id)?.name ?? t('versions.formerMember');
    if (str(author.kind) === 'api_key') return t('versions.byKey', { name: keys?.find((key) => key.id === id)?.name ?? id.slice(0, 8) });
    return t('versions.byServer');
  };
}

/** An exported version has no secrets and no ids of credentials; the draft is compared in the same dress. */
function useDraftAsExport(workflow: string) {
  const draft = useDraft();
  const { data } = useQuery({
    queryKey: ['workflows', workflow, 'export-of', draft],
    queryKeyHashFn: () => `export-${workflow}`,
    staleTime: 0,
    queryFn: async (): Promise<Draft> => {
      const read: unknown = parse(String(await ok(exportWorkflow({ path: { id: workflow }, query: { version: 'draft' }, parseAs: 'text' }))));
      return readDraft(isObject(read) ? read : {});
    },
  });
  return data;
}

/** Published versions: each compared with the draft or with another one, and restored. */
export function VersionsView({ saver, chosen, against, onChoose }: { saver: Saver; chosen: string | undefined; against: string | undefined; onChoose: (version: string | undefined, against: string | undefined) => void }) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const authorOf = useAuthors();
  const versions = useQuery({ queryKey: ['workflows', editor.workflow, 'versions'], queryFn: () => all((cursor) => ok(listVersions({ path: { id: editor.workflow }, query: { limit: 200, cursor } }))) });
  const number = chosen === undefined ? versions.data?.[0]?.version : Number(chosen);
  const other = against === undefined ? undefined : Number(against);
  const before = useVersion(editor.workflow, number);
  const between = useVersion(editor.workflow, other);
  const draft = useDraftAsExport(editor.workflow);
  const after = other === undefined ? draft : between.data;
  const restore = useMutation({
    mutationFn: async (version: number) => {
      await saver.flush();
      await ok(restoreVersion({ path: { id: editor.workflow, number: version } }));
      return okTagged(getDraft({ path: { id: editor.workflow } }));
    },
    onSuccess: ({ data, etag }, version) => {
      const restored = readDraft(data as JsonObject);
      const previous = editor.draft();
      editor.replace(restored, true);
      editor.store.set((old) => ({ ...old, agreed: { draft: restored, etag }, saving: { kind: 'saved', at: Date.now() } }));
      void saver.check();
      void client.invalidateQueries({ queryKey: ['workflows'] });
      setAsking(false);
      toast(t('versions.restored', { version }), { action: { label: t('versions.undo'), run: () => editor.replace(previous, true) } });
    },
  });
  if (versions.isPending) return <SkeletonRows />;
  if (versions.error !== null) return <ProblemNote error={versions.error} retry={() => void versions.refetch()} />;
  if (versions.data.length === 0) return <Empty icon={History} title={t('versions.none')}>{t('versions.noneText')}</Empty>;
  return (
    <div className="versions">
      <nav className="card self-start" aria-label={t('top.versions')}>
        {versions.data.map((version, index) => (
          <button type="button" key={version.version} className={cx('verrow', version.version === number && 'on')} aria-current={version.version === number} onClick={() => onChoose(String(version.version), against)}>
            <span className="row">
              <b>v{version.version}</b>
              {index === 0 && <Tag tone="acc">{t('versions.live')}</Tag>}
              <span className="end t3 sm">
                <Time at={version.published_at} />
              </span>
            </span>
            {version.note !== '' && (
              <span className="t2 sm block" dir="auto">
                {version.note}
              </span>
            )}
            <span className="t3 xs block ell">{authorOf(version)}</span>
          </button>
        ))}
      </nav>
      <div className="min-w-0">
        <div className="row mb-4 wrap">
          <h2 className="grow basis-full sm:basis-0">{other === undefined ? t('versions.toDraft', { version: number }) : t('versions.toVersion', { version: number, other })}</h2>
          <label className="row sm t2">
            <GitCompareArrows size={14} /> {t('versions.with')}
            <select className="inp sel sm w-auto!" value={against ?? ''} onChange={(event) => onChoose(String(number), event.target.value || undefined)}>
              <option value="">{t('top.draft')}</option>
              {versions.data.filter((version) => version.version !== number).map((version) => (
                <option key={version.version} value={version.version}>
                  v{version.version}
                </option>
              ))}
            </select>
          </label>
          <Button icon={RotateCcw} forbidden={editor.readOnly && t('versions.forbidden')} onClick={() => setAsking(true)}>
            {t('versions.restore', { version: number })}
          </Button>
        </div>
        {before.error !== null && <ProblemNote error={before.error} retry={() => void before.refetch()} />}
        {restore.error !== null && <ProblemNote error={restore.error} className="mb-3" />}
        {before.data !== undefined && after !== undefined ? (
          <DifferenceView before={before.data} after={after} beforeName={`v${number}`} afterName={other === undefined ? t('top.draft') : `v${other}`} />
        ) : before.error === null ? (
          <SkeletonRows rows={4} />
        ) : null}
      </div>
      <ConfirmDialog open={asking} onClose={() => setAsking(false)} title={t('versions.ask', { version: number })} action={t('versions.restore', { version: number })} busy={restore.isPending} onConfirm={() => number !== undefined && restore.mutate(number)}>
        {t('versions.askText')}
      </ConfirmDialog>
    </div>
  );
}
