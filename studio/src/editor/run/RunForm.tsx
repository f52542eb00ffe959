import { uploadFile } from '@latchkey/client';
import { Paperclip, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { Checkbox } from '@/components/Choice';
import { Field as Labelled, Input, Select, TextAreaField } from '@/components/Field';
import { IconButton } from '@/components/Button';
import { Icon } from '@/components/Icon';
import { useErrorText } from '@/components/Problem';
import { type JsonObject, type JsonValue, objects, str, text } from '../document/json';
import type { Field, Wrong } from './fields';

function Files({ field, value, onChange, id }: { field: Field; value: JsonValue | undefined; onChange: (value: JsonValue) => void; id: string }) {
  const { t } = useTranslation('editor');
  const say = useErrorText();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const many = field.type === 'file-list';
  const files = many ? objects(value) : objects([value ?? null]);
  const add = async (list: FileList | null) => {
    setBusy(true);
    setError(undefined);
    try {
      const added: JsonObject[] = [];
      for (const file of list ?? []) {
        const stored = await ok(uploadFile({ body: { file } }));
        added.push({ transfer_method: 'local_file', upload_file_id: stored.id, type: stored.type, name: stored.name });
      }
      onChange(many ? [...files, ...added] : (added[0] ?? null));
    } catch (failed) {
      setError(say(failed));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="col g4">
      {files.map((file, index) => (
        <div className="row sm" key={str(file.upload_file_id) || index}>
          <Icon of={Paperclip} size="xs" />
          <span className="ell grow">{str(file.name) || str(file.upload_file_id)}</span>
          <IconButton size="sm" icon={X} label={t('panel.remove', { name: str(file.name) })} onClick={() => onChange(many ? files.filter((_, at) => at !== index) : '')} />
        </div>
      ))}
      {(many || files.length === 0) && <input id={id} type="file" className="sm" multiple={many} disabled={busy} onChange={(event) => void add(event.target.files)} />}
      {error !== undefined && <p className="hint bad text-err">{error}</p>}
    </div>
  );
}

type Props = { fields: readonly Field[]; values: JsonObject; wrong: Record<string, Wrong>; onChange: (values: JsonObject) => void };

/** A form made from the start node's variables. */
export function RunForm({ fields, values, wrong, onChange }: Props) {
  const { t } = useTranslation('editor');
  const set = (name: string, value: JsonValue) => onChange({ ...values, [name]: value });
  return (
    <div className="col g12">
      {fields.map((field) => {
        const value = values[field.name] ?? field.initial;
        const problem = wrong[field.name];
        const error = problem === undefined ? null : t(`form.${problem}`, { most: field.most });
        const label = (
          <>
            <span dir="auto">{field.label}</span> {field.label !== field.name && <code className="t3 font-normal">{field.name}</code>}
          </>
        );
        const optional = field.required ? undefined : t('form.optional');
        if (field.type === 'checkbox') return <Checkbox key={field.name} label={label} checked={value === true} onChange={(checked) => set(field.name, checked)} />;
        if (field.type === 'paragraph' || field.type === 'json_object') {
          return <TextAreaField key={field.name} label={label} optional={optional} error={error} mono={field.type === 'json_object'} dir="auto" rows={4} value={text(value)} onChange={(event) => set(field.name, event.target.value)} />;
        }
        return (
          <Labelled key={field.name} label={label} optional={optional} error={error}>
            {(ids) =>
              field.type === 'select' ? (
                <Select {...ids} value={text(value)} onChange={(event) => set(field.name, event.target.value)}>
                  <option value="">—</option>
                  {field.options.map((option) => (
                    <option key={option}>{option}</option>
                  ))}
                </Select>
              ) : field.type === 'file' || field.type === 'file-list' ? (
                <Files field={field} id={ids.id} value={values[field.name]} onChange={(next) => set(field.name, next)} />
              ) : (
                <Input {...ids} dir="auto" inputMode={field.type === 'number' ? 'decimal' : undefined} value={text(value)} onChange={(event) => set(field.name, event.target.value)} />
              )
            }
          </Labelled>
        );
      })}
    </div>
  );
}
