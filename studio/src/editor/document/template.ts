/** Texts with variables: `{{#node.name#}}`, by the rule that the engine uses (dify-dsl, part 3.2). */

const PLACEHOLDER = /\{\{#([a-zA-Z0-9_]{1,50}(?:\.[a-zA-Z_][a-zA-Z0-9_]{0,29}){1,10})#\}\}/g;

export type Piece = { text: string } | { selector: string[] };

/** The pieces of a template, in order. */
export function pieces(template: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    if (match.index > end) found.push({ text: template.slice(end, match.index) });
    found.push({ selector: (match[1] ?? '').split('.') });
    end = match.index + match[0].length;
  }
  if (end < template.length) found.push({ text: template.slice(end) });
  return found;
}

/** The places of the placeholders, for a text editor. */
export function placeholders(template: string): { from: number; to: number; selector: string[] }[] {
  return [...template.matchAll(PLACEHOLDER)].map((match) => ({
    from: match.index,
    to: match.index + match[0].length,
    selector: (match[1] ?? '').split('.'),
  }));
}

export const placeholder = (selector: readonly string[]): string => `{{#${selector.join('.')}#}}`;

export const hasVariables = (template: string): boolean => placeholders(template).length > 0;

/** How a template is shown on a card: `customer-{tenant}`. */
export function shortForm(template: string): string {
  return pieces(template)
    .map((piece) => ('text' in piece ? piece.text : `{${piece.selector.at(-1) ?? ''}}`))
    .join('');
}

/** A template whose references to one variable name another. */
export function withReference(template: string, from: readonly string[], to: readonly string[]): string {
  if (!template.includes('{{#')) return template;
  return pieces(template)
    .map((piece) => {
      if ('text' in piece) return piece.text;
      const hit = from.every((part, index) => piece.selector[index] === part);
      return placeholder(hit ? [...to, ...piece.selector.slice(from.length)] : piece.selector);
    })
    .join('');
}
