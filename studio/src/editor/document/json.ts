/** JSON as the draft API speaks it, and readers that never throw: a draft may hold anything that a file held. */

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export type JsonObject = { [key: string]: JsonValue | undefined };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object itself, or an empty one. */
export function obj(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** The list itself, or an empty one. */
export function list(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

/** The text itself, or an empty one. */
export function str(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The text of a scalar: numbers and booleans are shown as they are written. */
export function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

export function num(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function bool(value: JsonValue | undefined): boolean {
  return value === true;
}

/** The texts of a list: a selector, options, names. */
export function texts(value: JsonValue | undefined): string[] {
  return list(value).filter((item): item is string => typeof item === 'string');
}

export function objects(value: JsonValue | undefined): JsonObject[] {
  return list(value).filter(isObject);
}

export type Path = readonly (string | number)[];

/** The value at a path, or undefined. */
export function at(value: JsonValue | undefined, path: Path): JsonValue | undefined {
  let here: JsonValue | undefined = value;
  for (const step of path) {
    if (typeof step === 'number') here = Array.isArray(here) ? here[step] : undefined;
    else here = isObject(here) ? here[step] : undefined;
  }
  return here;
}

/** A copy with another value at a path; `undefined` removes the key or the item. What is not on the path is shared. */
export function withAt(value: JsonValue | undefined, path: Path, next: JsonValue | undefined): JsonValue {
  const [step, ...rest] = path;
  if (step === undefined) return next ?? null;
  if (typeof step === 'number') {
    const items = Array.isArray(value) ? [...value] : [];
    if (next === undefined && rest.length === 0) items.splice(step, 1);
    else items[step] = withAt(items[step], rest, next);
    return items;
  }
  const copy: JsonObject = isObject(value) ? { ...value } : {};
  if (next === undefined && rest.length === 0) delete copy[step];
  else copy[step] = withAt(copy[step], rest, next);
  return copy;
}

/** Whether two values are the same, whatever the order of keys; a key that is undefined is one that is absent. */
export function same(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => same(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => same(a[key], b[key]));
}

/** Each text in a value, replaced. */
export function mapTexts(value: JsonValue, change: (text: string) => string): JsonValue {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) {
    const next = value.map((item) => mapTexts(item, change));
    return next.every((item, index) => item === value[index]) ? value : next;
  }
  if (!isObject(value)) return value;
  let changed = false;
  const copy: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const next = item === undefined ? undefined : mapTexts(item, change);
    copy[key] = next;
    changed ||= next !== item;
  }
  return changed ? copy : value;
}
