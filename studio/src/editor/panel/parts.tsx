import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '@/components/Button';
import { Input, Select } from '@/components/Field';
import { setData, setValue } from '../document/commands';
import { type JsonObject, type JsonValue, obj, type Path, str } from '../document/json';
import { useData, useEditor } from '../state/context';

/** What a panel reads of its node, and how it changes it. */
export interface Edited {
  id: string;
  data: JsonObject;
  off: boolean;
  /** Changes one value; what is typed into the same place is one step back. */
  set: (path: Path, value: JsonValue | undefined) => void;
  replace: (data: JsonObject) => void;
}

export function useEdited(id: string): Edited | undefined {
  const editor = useEditor();
  const data = useData(id);
  if (data === undefined) return undefined;
  return {
    id,
    data,
    off: editor.readOnly,
    set: (path, value) => editor.apply((draft) => setValue(draft, id, path, value), `${id}:${path.join('.')}`),
    replace: (next) => editor.apply((draft) => setData(draft, id, next)),
  };
}

export function Section({ title, aside, children }: { title: ReactNode; aside?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className="sec" aria-labelledby={id}>
      <div className="h">
        <h3 id={id}>{title}</h3>
        {aside !== undefined && <span className="end row g4">{aside}</span>}
      </div>
      {children}
    </section>
  );
}

/** A label at the left, a control at the right. */
export function Pair({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="row min-h-9">
      <label className="t2 sm grow" htmlFor={id}>
        {label}
      </label>
      <span className="w-[176px] flex-none">{children(id)}</span>
    </div>
  );
}

export function TextPair({ edited, path, label, mono, numeric, placeholder }: { edited: Edited; path: Path; label: string; mono?: boolean; numeric?: boolean; placeholder?: string }) {
  let value: JsonValue | undefined = edited.data;
  for (const step of path) value = typeof step === 'string' ? obj(value)[step] : Array.isArray(value) ? value[step] : undefined;
  const shown = typeof value === 'number' ? String(value) : str(value);
  return (
    <Pair label={label}>
      {(id) => (
        <Input
          small
          id={id}
          mono={mono ?? false}
          disabled={edited.off}
          value={shown}
          placeholder={placeholder}
          inputMode={numeric === true ? 'decimal' : undefined}
          onChange={(event) => {
            const typed = event.target.value;
            const number = Number(typed);
            edited.set(path, numeric === true ? (typed === '' ? undefined : Number.isFinite(number) ? number : (value ?? undefined)) : typed);
          }}
        />
      )}
    </Pair>
  );
}

export function ChoicePair({ edited, path, label, options, none }: { edited: Edited; path: Path; label: string; options: readonly { value: string; label: string }[]; none?: string }) {
  let value: JsonValue | undefined = edited.data;
  for (const step of path) value = typeof step === 'string' ? obj(value)[step] : Array.isArray(value) ? value[step] : undefined;
  const shown = str(value) || (none ?? '');
  return (
    <Pair label={label}>
      {(id) => (
        <Select small id={id} disabled={edited.off} value={shown} onChange={(event) => edited.set(path, event.target.value)}>
          {!options.some((option) => option.value === shown) && <option value={shown}>{shown || '—'}</option>}
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </Select>
      )}
    </Pair>
  );
}

type ListProps<T> = {
  items: readonly T[];
  onChange: (items: T[]) => void;
  fresh: () => T;
  add: string;
  name: (item: T, index: number) => string;
  off: boolean;
  children: (item: T, change: (item: T) => void, index: number) => ReactNode;
  least?: number;
};

/** Rows that can be added and removed. */
export function Rows<T>({ items, onChange, fresh, add, name, off, children, least = 0 }: ListProps<T>) {
  const { t } = useTranslation('editor');
  return (
    <div className="col">
      {items.map((item, index) => (
        <div className="row items-start" key={index}>
          <div className="grow">{children(item, (next) => onChange(items.map((each, at) => (at === index ? next : each))), index)}</div>
          {!off && items.length > least && (
            <IconButton size="sm" icon={X} label={t('panel.remove', { name: name(item, index) })} onClick={() => onChange(items.filter((_, at) => at !== index))} />
          )}
        </div>
      ))}
      {!off && (
        <Button size="sm" kind="ghost" icon={Plus} className="self-start" onClick={() => onChange([...items, fresh()])}>
          {add}
        </Button>
      )}
    </div>
  );
}
