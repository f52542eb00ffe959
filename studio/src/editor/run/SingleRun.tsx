import { Play } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import { Field, Input } from '@/components/Field';
import { Note } from '@/components/Note';
import { findNode, kindOf, titleOf } from '../document/draft';
import { at, type JsonObject, type JsonValue, texts } from '../document/json';
import { readable, typeOf } from '../document/scope';
import { placeholders } from '../document/template';
import { useDraft, useEditor, useRunner } from '../state/context';
import { useStore } from '../state/store';
import type { Saver } from '../save/saver';
import { runNode } from './single';

/** Every variable that a node reads: in texts, and in selectors. */
export function readsOf(data: JsonObject, known: (first: string) => boolean): string[][] {
  const found = new Map<string, string[]>();
  const add = (selector: string[]) => {
    const [node = '', name] = selector;
    // What stands behind the name is a path into the value.
    if (name !== undefined && known(node)) found.set(`${node}.${name}`, [node, name]);
  };
  const walk = (value: JsonValue | undefined) => {
    if (typeof value === 'string') for (const { selector } of placeholders(value)) add(selector);
    else if (Array.isArray(value)) {
      if (value.length > 1 && value.every((item) => typeof item === 'string')) add(texts(value));
      value.forEach(walk);
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  walk(data);
  return [...found.values()];
}

/** Runs one node of the draft with values that somebody types: those that it reads. */
export function SingleRun({ saver }: { saver: Saver }) {
  const { t } = useTranslation('editor');
  const id = useStore(runNode, (value) => value);
  const draft = useDraft();
  const editor = useEditor();
  const runner = useRunner();
  const run = useStore(runner.store, (state) => state.run);
  const [values, setValues] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const node = id === undefined ? undefined : findNode(draft, id);
  if (node === undefined) return null;
  const start = draft.nodes.find((each) => kindOf(each) === 'start');
  const known = (first: string) => first === 'sys' || first === 'conversation' || first === 'start' || draft.nodes.some((each) => each.id === first);
  const reads = readsOf(node.data, known).filter((selector) => selector[0] !== node.id);
  const before = (selector: readonly string[]): string => {
    const [first = '', ...path] = selector;
    const ran = run === undefined ? undefined : Object.values(run.executions).filter((execution) => execution.node === first).at(-1);
    const value = at(ran?.outputs, path) ?? (first === start?.id ? at(run?.inputs, path) : undefined);
    return value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  };
  const close = () => {
    setValues({});
    runNode.set(() => undefined);
  };
  const go = async () => {
    setBusy(true);
    const inputs: JsonObject = {};
    for (const selector of reads) {
      const key = selector.join('.');
      const typed = values[key] ?? before(selector);
      const type = typeOf(draft, selector) ?? 'string';
      let value: JsonValue = typed;
      if (type !== 'string' && typed !== '') {
        try {
          value = JSON.parse(typed) as JsonValue;
        } catch {
          // Whatever it is, the server says whether it fits.
        }
      }
      inputs[key] = value;
    }
    if (await saver.flush()) {
      editor.open('run');
      close();
      await runner.startNode(node.id, inputs);
    }
    setBusy(false);
  };
  return (
    <Dialog
      open
      onClose={close}
      icon={Play}
      title={t('single.title', { node: titleOf(node) })}
      sub={t('single.sub')}
      footer={
        <>
          <span className="grow" />
          <Button kind="ghost" onClick={close}>
            {t('cancel')}
          </Button>
          <Button kind="primary" icon={Play} busy={busy} onClick={() => void go()}>
            {t('single.run')}
          </Button>
        </>
      }
    >
      <div className="col g12">
        {reads.length === 0 && <Note title={t('single.none')} />}
        {reads.map((selector) => {
          const key = selector.join('.');
          const { node: from, name } = readable(draft, selector);
          return (
            <Field key={key} label={<span className="mono">{`${from}.${name}`}</span>} optional={typeOf(draft, selector)}>
              {(ids) => <Input {...ids} dir="auto" value={values[key] ?? before(selector)} onChange={(event) => setValues((old) => ({ ...old, [key]: event.target.value }))} />}
            </Field>
          );
        })}
      </div>
    </Dialog>
  );
}
