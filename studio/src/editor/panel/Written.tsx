import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { parse, stringify } from 'yaml';
import { Code } from '../code/Code';
import { isObject, type JsonObject, same } from '../document/json';

type Props = { value: JsonObject; label: string; off: boolean; onChange: (value: JsonObject) => void; className?: string };

function useWritten(value: JsonObject, write: (value: JsonObject) => string, read: (text: string) => unknown) {
  const [text, setText] = useState(() => write(value));
  const [wrong, setWrong] = useState<string>();
  const understood = (typed: string): JsonObject | undefined => {
    try {
      const found = read(typed);
      return isObject(found) ? found : undefined;
    } catch {
      return undefined;
    }
  };
  // As long as the text means what the document has, it stays as it was typed.
  const meant = understood(text);
  const shown = wrong !== undefined || (meant !== undefined && same(meant, value)) ? text : write(value);
  return { shown, wrong, setText, setWrong, understood, read };
}

/** An object as JSON; what is no JSON yet stays in the text and out of the document. */
export function JsonEditor({ value, label, off, onChange, className }: Props) {
  const { t } = useTranslation('editor');
  const written = useWritten(value, (object) => JSON.stringify(object, null, 2), (text): unknown => JSON.parse(text));
  const change = (text: string) => {
    written.setText(text);
    const read = written.understood(text);
    written.setWrong(read === undefined ? t('panel.noJson') : undefined);
    if (read !== undefined) onChange(read);
  };
  return (
    <>
      <div className={className ?? 'tpl'}>
        <Code language="json" label={label} readOnly={off} value={written.shown} onChange={change} />
      </div>
      {written.wrong !== undefined && <p className="hint text-err">{written.wrong}</p>}
    </>
  );
}

/** An object as YAML, as it stands in the file. */
export function YamlEditor({ value, label, off, onChange, className }: Props) {
  const { t } = useTranslation('editor');
  const written = useWritten(value, (object) => stringify(object, { lineWidth: 0 }), (text): unknown => parse(text));
  const change = (text: string) => {
    written.setText(text);
    const read = written.understood(text);
    let why: string | undefined;
    if (read === undefined) {
      try {
        written.read(text);
        why = t('panel.noMapping');
      } catch (error) {
        why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : t('panel.noMapping');
      }
    }
    written.setWrong(why);
    if (read !== undefined) onChange(read);
  };
  return (
    <>
      <div className={className ?? 'tpl'}>
        <Code language="yaml" label={label} readOnly={off} value={written.shown} onChange={change} />
      </div>
      {written.wrong !== undefined && <p className="hint text-err">{written.wrong}</p>}
    </>
  );
}
