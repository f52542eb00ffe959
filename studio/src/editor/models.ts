/** Providers and models as documents write them, and as the server calls them. */
import type { ProviderView } from '@latchkey/client';
import { type JsonObject, str } from './document/json';

/** The provider of a model place, without the plugin around it: `langgenius/openai/openai` is `openai`. */
export function providerOf(model: JsonObject): string {
  const written = str(model.provider) || str(model.reranking_provider_name);
  return written.split('/').at(-1) ?? written;
}

/** The provider that the server knows by this name. */
export function findProvider(providers: readonly ProviderView[] | undefined, written: string): ProviderView | undefined {
  const last = written.split('/').at(-1) ?? written;
  return providers?.find((provider) => provider.id === written || provider.id === last || provider.aliases.includes(written) || provider.aliases.includes(last));
}

export interface Model {
  name: string;
  type: string;
  context: number | undefined;
  features: string[];
}

/** The models of a provider's catalogue; unknown shapes are left out. */
export function modelsOf(provider: ProviderView | undefined, type = 'llm'): Model[] {
  return (provider?.models ?? []).flatMap((model) => {
    const name = model.name;
    if (typeof name !== 'string' || model.type !== type) return [];
    return [{
      name, type,
      context: typeof model.context_size === 'number' ? model.context_size : undefined,
      features: Array.isArray(model.features) ? model.features.filter((feature): feature is string => typeof feature === 'string') : [],
    }];
  });
}
