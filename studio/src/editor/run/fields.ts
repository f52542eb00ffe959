/** The form that starts a run, from what the start node declares; and the inputs that come out of it. */
import { bool, type JsonObject, type JsonValue, num, objects, str, text, texts } from '../document/json';

export interface Field {
  name: string;
  label: string;
  type: string;
  required: boolean;
  options: string[];
  most: number | undefined;
  initial: JsonValue;
}

export function fieldsOf(data: JsonObject): Field[] {
  return objects(data.variables)
    .filter((item) => str(item.variable) !== '' && !bool(item.hide))
    .map((item) => ({
      name: str(item.variable),
      label: str(item.label) || str(item.variable),
      type: str(item.type) || 'text-input',
      required: bool(item.required),
      options: texts(item.options),
      most: num(item.max_length),
      initial: str(item.type) === 'checkbox' ? bool(item.default) : (item.default ?? ''),
    }));
}

export type Wrong = 'required' | 'number' | 'json' | 'long';

export interface Filled {
  inputs: JsonObject;
  wrong: Record<string, Wrong>;
}

function read(field: Field, value: JsonValue | undefined): { value?: JsonValue; wrong?: Wrong } {
  if (field.type === 'checkbox') return { value: value === true };
  if (field.type === 'file' || field.type === 'file-list') {
    const none = value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
    return none ? (field.required ? { wrong: 'required' } : {}) : { value: value ?? null };
  }
  const typed = text(value);
  if (typed.trim() === '') return field.required ? { wrong: 'required' } : {};
  if (field.type === 'number') return Number.isFinite(Number(typed)) ? { value: Number(typed) } : { wrong: 'number' };
  if (field.type === 'json_object') {
    try {
      return { value: JSON.parse(typed) as JsonValue };
    } catch {
      return { wrong: 'json' };
    }
  }
  return field.most !== undefined && [...typed].length > field.most ? { wrong: 'long' } : { value: typed };
}

/** The inputs as the API takes them, and what is wrong with which field. The server checks again. */
export function fill(fields: readonly Field[], values: JsonObject): Filled {
  const inputs: JsonObject = {};
  const wrong: Record<string, Wrong> = {};
  for (const field of fields) {
    const result = read(field, values[field.name] ?? field.initial);
    if (result.wrong !== undefined) wrong[field.name] = result.wrong;
    else if (result.value !== undefined) inputs[field.name] = result.value;
  }
  return { inputs, wrong };
}
