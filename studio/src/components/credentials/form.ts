import type { NewCredentialBody, ProviderView } from '@latchkey/client';

export type FormField = { name: string; label: string; type: 'secret' | 'url' | 'text' | 'select'; required: boolean; default: string | null; placeholder: string | null; options: string[] };

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {});
const text = (value: unknown) => (typeof value === 'string' ? value : null);

function kind(value: unknown): FormField['type'] {
  return value === 'secret' || value === 'url' || value === 'select' ? value : 'text';
}

/** The form that the provider's description asks for. */
export function fieldsOf(provider: Pick<ProviderView, 'credential_schema'>): FormField[] {
  return provider.credential_schema.map((raw) => {
    const field = record(raw);
    const name = text(field.name) ?? '';
    const options = Array.isArray(field.options) ? field.options.flatMap((option) => text(option) ?? []) : [];
    return { name, label: text(field.label) ?? name, type: kind(field.type), required: field.required === true, default: text(field.default), placeholder: text(field.placeholder), options };
  });
}

/** Asked at once: what is required, and where nothing is, the secrets. The rest stands under More. */
export function firstFields(fields: FormField[]): FormField[] {
  const required = fields.filter((field) => field.required);
  return required.some((field) => field.type === 'secret') ? required : [...required, ...fields.filter((field) => !field.required && field.type === 'secret')];
}

/** What is sent: filled fields only. */
export function filled(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value.trim() ? [[name, value.trim()]] : [])));
}

/** The name's rule, so that a mistake shows before it is sent: letters, digits, dots, underscores, hyphens. */
export const nameFits = (name: string) => /^[\p{L}\p{N}._-]+$/u.test(name);

export type Draft = { provider: string; name: string; values: Record<string, string>; isDefault: boolean; validate: boolean; environments: string[] };

export function missing(draft: Draft, fields: FormField[]): string[] {
  return fields.filter((field) => field.required && !field.default && !draft.values[field.name]?.trim()).map((field) => field.name);
}

export function body(draft: Draft): NewCredentialBody {
  return {
    provider: draft.provider,
    name: draft.name.trim(),
    values: filled(draft.values),
    default: draft.isDefault,
    validate: draft.validate,
    ...(draft.environments.length > 0 ? { scope: { environments: draft.environments } } : {}),
  };
}
