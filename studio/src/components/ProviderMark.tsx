import { cx } from '@/util/cx';

// Our own two letters, never a vendor's logo.
const marks: Record<string, [letters: string, look: string]> = {
  openai: ['Oa', 'openai'],
  anthropic: ['An', 'anthropic'],
  azure_openai: ['Az', 'azure'],
  google: ['Ge', 'gemini'],
  vertex_ai: ['Ve', 'gemini'],
  bedrock: ['Be', 'bedrock'],
  deepseek: ['Ds', 'deepseek'],
  simulated: ['Si', 'sim'],
  cohere: ['Co', 'cohere'],
  tongyi: ['Qw', 'qwen'],
  groq: ['Gr', 'groq'],
  openai_api_compatible: ['O~', 'openai'],
  mistralai: ['Mi', 'other1'],
  ollama: ['Ol', 'other5'],
};

/** A provider outside of our list has letters of its name and one of six calm colours, always the same. */
function other(provider: string): [string, string] {
  const name = provider.replace(/^tool\//, '');
  const letters = `${name[0]?.toUpperCase() ?? '?'}${name[1]?.toLowerCase() ?? ''}`;
  let sum = 0;
  for (const char of name) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 997;
  return [letters, `other${sum % 6}`];
}

type Props = { provider: string; size?: 's' | 'm' | 'l' };

export function ProviderMark({ provider, size = 's' }: Props) {
  const [letters, look] = marks[provider] ?? other(provider);
  return (
    <span className={cx('pm', look, size !== 's' && size)} title={provider} aria-hidden="true">
      {letters}
    </span>
  );
}
