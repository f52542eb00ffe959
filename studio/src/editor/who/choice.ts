/** The four ways to say who pays, as they stand in a model object of the document. */
import { type JsonObject, str, texts } from '../document/json';
import { hasVariables } from '../document/template';

export type Mode = 'inherited' | 'credential' | 'pool' | 'variable';

/** Which way a model object uses. */
export function modeOf(model: JsonObject, isPool: (name: string) => boolean): Mode {
  const said = str(model.credential_name) || str(model.credential_id);
  if (said === '') return 'inherited';
  if (hasVariables(said)) return 'variable';
  return isPool(said) ? 'pool' : 'credential';
}

const FIELDS = ['credential_name', 'credential_id', 'credential_override'];

/** A model object that says nothing about its key. */
export function withoutChoice(model: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(model).filter(([key]) => !FIELDS.includes(key)));
}

/** A model object whose key has this name: a credential's, a pool's, or a text with variables. An empty name says nothing. */
export function withName(model: JsonObject, name: string): JsonObject {
  const rest = withoutChoice(model);
  return name === '' ? rest : { ...rest, credential_name: name };
}

export const fallbackOf = (model: JsonObject): string[] => texts(model.credential_fallback);

/** The names that are tried when the chosen key cannot be used; none removes the field. */
export function withFallback(model: JsonObject, names: readonly string[]): JsonObject {
  const { credential_fallback: _old, ...rest } = model;
  return names.length === 0 ? rest : { ...rest, credential_fallback: [...names] };
}

/** Failing is what happens unless something else is said, so it is not written. */
export function withOnEmpty(model: JsonObject, next: boolean): JsonObject {
  const { credential_on_empty: _old, ...rest } = model;
  return next ? { ...rest, credential_on_empty: 'next' } : rest;
}

export function withLock(model: JsonObject, locked: boolean): JsonObject {
  const { credential_locked: _old, ...rest } = model;
  return locked ? { ...rest, credential_locked: true } : rest;
}
