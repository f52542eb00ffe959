import type { EditorView } from '@codemirror/view';
import { startCompletion } from '@codemirror/autocomplete';
import { useEffect, useImperativeHandle, useRef } from 'react';
import { cx } from '@/util/cx';
import { createView, grammar, type Language, type Naming, type Offer } from './view';

export interface CodeHandle {
  insert: (text: string) => void;
  complete: () => void;
}

export interface CodeProps {
  value: string;
  onChange: (text: string) => void;
  language: Language;
  label: string;
  placeholder?: string;
  readOnly?: boolean;
  single?: boolean;
  naming?: Naming;
  offers?: readonly Offer[];
  className?: string;
  handle?: React.Ref<CodeHandle>;
}

const plain: Naming = (selector) => ({ label: selector.join('.'), known: true, title: selector.join('.') });
const nothing: readonly Offer[] = [];

/** A text with code or variables. What is typed goes out at once; what comes from outside replaces it only when it differs. */
export default function CodeEditor({ value, onChange, language, label, placeholder = '', readOnly = false, single = false, naming = plain, offers = nothing, className, handle }: CodeProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef({ value, onChange, naming, offers });
  useEffect(() => {
    latest.current = { value, onChange, naming, offers };
  });

  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    let gone = false;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    void grammar(language).then((loaded) => {
      if (gone) return;
      view.current = createView({
        parent: root, text: latest.current.value, language, grammar: loaded, label, placeholder, readOnly, single,
        naming: () => latest.current.naming, offers: () => latest.current.offers, onChange: (text) => latest.current.onChange(text),
      });
    });
    return () => {
      gone = true;
      view.current?.destroy();
      view.current = undefined;
      root.replaceChildren();
    };
  }, [language, label, placeholder, readOnly, single]);

  useEffect(() => {
    const shown = view.current?.state.doc.toString();
    if (view.current === undefined || shown === value) return;
    view.current.dispatch({ changes: { from: 0, to: shown?.length ?? 0, insert: value } });
  }, [value]);

  useEffect(() => {
    // New titles of nodes show in the pills.
    view.current?.dispatch({ userEvent: 'names' });
  }, [naming]);

  useImperativeHandle(handle, () => ({
    insert: (text) => {
      const here = view.current;
      if (here === undefined) return;
      here.dispatch(here.state.replaceSelection(text));
      here.focus();
    },
    complete: () => {
      const here = view.current;
      if (here === undefined) return;
      here.focus();
      startCompletion(here);
    },
  }));

  return <div ref={host} className={cx('cm-editor lkcode', single && 'single', readOnly && 'ro', className)} />;
}
