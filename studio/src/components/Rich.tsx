import { Fragment, type ReactNode } from 'react';

type Props = {
  /** Gives the sentence with its values in place. */
  t: (key: string, values: Record<string, string>) => string;
  k: string;
  values: Record<string, string>;
  /** What stands for `<b>…</b>` and `<c>…</c>` in the sentence. */
  as: Record<string, (children: string) => ReactNode>;
};

const MARK = '\u0001';

/**
 * A translated sentence with marked parts. Values are put in last, so that a title with `<b>` in it, or a selector with
 * `{{#…#}}`, is shown as it is.
 */
export function Rich({ t, k, values, as }: Props) {
  const marked = t(k, Object.fromEntries(Object.keys(values).map((name) => [name, `${MARK}${name}${MARK}`])));
  const fill = (text: string) => text.replace(/\u0001(\w+)\u0001/g, (_whole, name: string) => values[name] ?? '');
  const parts = marked.split(/(<\w>.*?<\/\w>)/);
  return parts.map((part, index) => {
    const tag = /^<(\w)>(.*)<\/\w>$/.exec(part);
    const wrap = tag?.[1] === undefined ? undefined : as[tag[1]];
    return <Fragment key={index}>{wrap === undefined ? fill(part) : wrap(fill(tag?.[2] ?? ''))}</Fragment>;
  });
}
