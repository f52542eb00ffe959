import type { MoneyView } from '@latchkey/client';
import i18next from 'i18next';

const locale = () => (i18next.language === 'zh' ? 'zh-CN' : 'en-GB');

export const number = (value: number) => new Intl.NumberFormat(locale()).format(value);

/** 31.8M, 8.2k: for figures, not for tables of few digits. */
export function short(value: number): string {
  if (Math.abs(value) < 10_000) return number(value);
  const [size, unit] = Math.abs(value) >= 1e9 ? [1e9, 'B'] : Math.abs(value) >= 1e6 ? [1e6, 'M'] : [1e3, 'k'];
  return `${(value / size).toFixed(Math.abs(value) / size >= 100 ? 0 : 1).replace(/\.0$/, '')}${unit}`;
}

/** `99.4 %`, and in Chinese `99.4%`. */
export function percent(part: number, digits = 0): string {
  const text = (part * 100).toFixed(digits).replace(/\.0+$/, '');
  return i18next.language === 'zh' ? `${text}%` : `${text} %`;
}

/** Four decimals under one cent, else two, in the currency of the price. */
export function money(amount: string | number, currency: string): string {
  const value = typeof amount === 'string' ? Number(amount) : amount;
  const digits = value !== 0 && Math.abs(value) < 0.01 ? 4 : 2;
  const written = new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
  return written;
}

/** All currencies beside one another; they are never added together. */
export function moneys(costs: MoneyView[] | undefined): string {
  const paid = (costs ?? []).filter((cost) => Number(cost.amount) !== 0);
  if (paid.length === 0) return '—';
  const joined = paid.map((cost) => money(cost.amount, cost.currency));
  return joined.join(' + ');
}

export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '—';
  const zh = i18next.language === 'zh';
  if (ms < 1000) return `${Math.round(ms)} ${zh ? '毫秒' : 'ms'}`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} ${zh ? '秒' : 's'}`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return zh ? `${minutes} 分 ${Math.round((ms % 60_000) / 1000)} 秒` : `${minutes} min ${Math.round((ms % 60_000) / 1000)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return zh ? `${hours} 小时 ${minutes % 60} 分` : `${hours} h ${minutes % 60} min`;
  return zh ? `${Math.floor(hours / 24)} 天` : `${Math.floor(hours / 24)} d`;
}

/** A length of time in its largest unit: `15 h`, `6 d`. */
export function roughly(ms: number): string {
  const zh = i18next.language === 'zh';
  if (ms < 60_000) return `${Math.max(0, Math.ceil(ms / 1000))} ${zh ? '秒' : 's'}`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} ${zh ? '分钟' : 'min'}`;
  if (ms < 48 * 3_600_000) return `${Math.round(ms / 3_600_000)} ${zh ? '小时' : 'h'}`;
  return `${Math.round(ms / 86_400_000)} ${zh ? '天' : 'days'}`;
}

/** Relative up to a week, then the date. */
export function ago(at: string, now: number): string {
  const zh = i18next.language === 'zh';
  const then = new Date(at);
  const past = now - then.getTime();
  if (Math.abs(past) < 45_000) return zh ? '刚刚' : 'just now';
  const [amount, en, cn] =
    Math.abs(past) < 59.5 * 60_000
      ? [past / 60_000, 'min', '分钟']
      : Math.abs(past) < 23.5 * 3_600_000
        ? [past / 3_600_000, 'h', '小时']
        : [past / 86_400_000, 'd', '天'];
  const rounded = Math.max(1, Math.round(Math.abs(amount)));
  if (Math.abs(past) > 7 * 86_400_000) return date(at);
  if (past < 0) return zh ? `${rounded} ${cn}后` : `in ${rounded} ${en}`;
  if (en === 'd' && rounded === 1) return zh ? '昨天' : 'Yesterday';
  return zh ? `${rounded} ${cn}前` : `${rounded} ${en} ago`;
}

/** Chinese has a space between figures and words: `11 月 24 日`. */
const spaced = (text: string) => (i18next.language === 'zh' ? text.replace(/(\d)(?=[年月日])/g, '$1 ').replace(/([年月日])(?=\d)/g, '$1 ') : text);

const sameYear = (at: Date) => at.getFullYear() === new Date().getFullYear();

export function date(at: string | Date): string {
  const when = new Date(at);
  return spaced(new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'short', ...(sameYear(when) ? {} : { year: 'numeric' }) }).format(when));
}

/** The month that budgets of months are in; their months are UTC. */
export const monthName = (at = new Date()) => (i18next.language === 'zh' ? `${at.getUTCMonth() + 1} 月` : new Intl.DateTimeFormat(locale(), { month: 'long', timeZone: 'UTC' }).format(at));

/** A day of a chart; days are UTC. */
export const utcDay = (day: string) =>
  new Intl.DateTimeFormat(locale(), { day: 'numeric', month: i18next.language === 'zh' ? 'numeric' : 'short', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));

export const dateTime = (at: string | Date) =>
  spaced(new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(new Date(at)));

/** With seconds and zone, for tooltips. */
export const fullTime = (at: string | Date) =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'long' }).format(new Date(at));

export const clock = (at: string | Date) =>
  new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(new Date(at));

export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 * 1024) return `${Math.round(size / 1024)} KB`;
  return `${(size / 1024 / 1024).toFixed(1)} MB`;
}

/** The middle is cut, so that both ends of a name can be told apart. */
export function middle(name: string, most = 28): string {
  if (name.length <= most) return name;
  const tail = Math.floor((most - 1) / 3);
  return `${name.slice(0, most - 1 - tail)}…${name.slice(name.length - tail)}`;
}

/** Two letters for a person or a workspace. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? `${words[0]?.[0] ?? ''}${words[words.length - 1]?.[0] ?? ''}` : name.slice(0, 2);
  return letters.toUpperCase();
}
