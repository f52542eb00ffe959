import { Download } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { parse, stringify } from 'yaml';
import { Button } from '@/components/Button';
import { CopyButton } from '@/components/Copy';
import { Note } from '@/components/Note';
import { Code } from '../code/Code';
import { readDraft, writeDraft } from '../document/draft';
import { isObject } from '../document/json';
import { useDraft, useEditor } from '../state/context';

/** The whole document as YAML. A changed text replaces the draft when it is applied, as one step back. */
export function YamlView() {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const draft = useDraft();
  const written = useMemo(() => stringify(writeDraft(draft), { lineWidth: 0 }), [draft]);
  const [typed, setTyped] = useState<{ of: string; text: string }>();
  const changed = typed !== undefined && typed.text !== written;
  const text = typed?.text ?? written;
  const [wrong, setWrong] = useState<string>();
  const stale = typed !== undefined && typed.of !== written;
  const apply = () => {
    try {
      const read: unknown = parse(text);
      if (!isObject(read) || !isObject(read.workflow)) {
        setWrong(t('yaml.noWorkflow'));
        return;
      }
      editor.replace(readDraft(read), true);
      setTyped(undefined);
      setWrong(undefined);
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div className="yamlview">
      <div className="row wrap">
        <p className="t2 grow">{t('yaml.about')}</p>
        <CopyButton text={text}>{t('yaml.copy')}</CopyButton>
        <Button size="sm" icon={Download} onClick={() => window.open(`/api/v1/workflows/${editor.workflow}/export`, '_blank')}>
          {t('publish.export')}
        </Button>
        {changed && (
          <>
            <Button size="sm" kind="ghost" onClick={() => { setTyped(undefined); setWrong(undefined); }}>
              {t('yaml.discard')}
            </Button>
            <Button size="sm" kind="primary" onClick={apply}>
              {t('yaml.apply')}
            </Button>
          </>
        )}
      </div>
      {wrong !== undefined && (
        <Note tone="err" role="alert" title={t('yaml.wrong')}>
          <span className="mono sm whitespace-pre-wrap">{wrong}</span>
        </Note>
      )}
      {stale && <Note tone="warn" title={t('yaml.stale')} />}
      <Code className="yamlcode" language="yaml" label={t('yaml.label')} readOnly={editor.readOnly} value={text} onChange={(next) => setTyped((old) => ({ of: old?.of ?? written, text: next }))} />
    </div>
  );
}
