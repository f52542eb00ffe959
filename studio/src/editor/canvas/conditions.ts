/** A condition as a sentence: `customer_lang ≠ en`. */
import type { Draft } from '../document/draft';
import { type JsonObject, objects, str, text, texts } from '../document/json';
import { readable } from '../document/scope';
import { shortForm } from '../document/template';

const SIGNS: Record<string, string> = { is: '=', 'is not': '≠', '=': '=', '≠': '≠', '>': '>', '<': '<', '≥': '≥', '≤': '≤' };
const ALONE = new Set(['empty', 'not empty', 'null', 'not null', 'exists', 'not exists']);

export const needsNoValue = (operator: string): boolean => ALONE.has(operator);

function one(draft: Draft, condition: JsonObject): string {
  const selector = texts(condition.variable_selector);
  const name = selector.length === 0 ? '…' : readable(draft, selector).name;
  const operator = str(condition.comparison_operator);
  const value = Array.isArray(condition.value) ? texts(condition.value).join(', ') : shortForm(text(condition.value));
  return needsNoValue(operator) ? `${name} ${operator}` : `${name} ${SIGNS[operator] ?? operator} ${value}`.trim();
}

/** The conditions of a case, joined by its operator. */
export function conditionText(draft: Draft, source: JsonObject): string {
  const conditions = objects(source.conditions);
  if (conditions.length === 0) return '…';
  return conditions.map((condition) => one(draft, condition)).join(str(source.logical_operator) === 'or' ? ' or ' : ' and ');
}
