import { ArrowRight, Minus, PenLine, Plus } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/components/Icon';
import { cx } from '@/util/cx';
import { Tile } from '../canvas/Tile';
import { type Change, differenceOf, isEmpty } from '../document/diff';
import { findNode, type Draft, titleOf } from '../document/draft';
import type { JsonValue } from '../document/json';

function written(value: JsonValue | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

/** The lines that two texts do not share, by their longest common subsequence; long texts are compared as a whole. */
function lines(before: string, after: string): { sign: ' ' | '-' | '+'; text: string }[] {
  const a = before === '' ? [] : before.split('\n');
  const b = after === '' ? [] : after.split('\n');
  if (a.length * b.length > 250_000) return [...a.map((text) => ({ sign: '-' as const, text })), ...b.map((text) => ({ sign: '+' as const, text }))];
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = table[i];
      const below = table[i + 1];
      if (row !== undefined && below !== undefined) row[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  const found: { sign: ' ' | '-' | '+'; text: string }[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      found.push({ sign: ' ', text: a[i] ?? '' });
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && (table[i + 1]?.[j] ?? 0) >= (table[i]?.[j + 1] ?? 0))) {
      found.push({ sign: '-', text: a[i] ?? '' });
      i += 1;
    } else {
      found.push({ sign: '+', text: b[j] ?? '' });
      j += 1;
    }
  }
  return found;
}

/** Unchanged lines far from a change are left out. */
function near(all: ReturnType<typeof lines>): (ReturnType<typeof lines>[number] | undefined)[] {
  return all.flatMap((line, index) => {
    const close = all.slice(Math.max(0, index - 2), index + 3).some((other) => other.sign !== ' ');
    if (close) return [line];
    const before = all.slice(Math.max(0, index - 3), index + 2).some((other) => other.sign !== ' ');
    return before ? [undefined] : [];
  });
}

function Changes({ changes }: { changes: readonly Change[] }) {
  return (
    <dl className="diff">
      {changes.map((change) => (
        <div key={change.path.join('.')}>
          <dt className="mono xs t3">{change.path.join('.')}</dt>
          <dd>
            <pre className="code">
              {near(lines(written(change.before), written(change.after))).map((line, index) =>
                line === undefined ? (
                  <span className="dl t3" key={index}>
                    …
                  </span>
                ) : (
                  <span key={index} className={cx('dl', line.sign === '-' && 'del', line.sign === '+' && 'ins')}>
                    <span aria-hidden="true">{line.sign}</span> {line.text}
                  </span>
                ),
              )}
            </pre>
          </dd>
        </div>
      ))}
    </dl>
  );
}

const icons = { added: Plus, removed: Minus, changed: PenLine };

/** What differs between two documents, node by node. */
export function DifferenceView({ before, after, beforeName, afterName }: { before: Draft; after: Draft; beforeName: string; afterName: string }) {
  const { t } = useTranslation('editor');
  const difference = useMemo(() => differenceOf(before, after), [before, after]);
  const title = (id: string) => {
    const node = findNode(after, id) ?? findNode(before, id);
    return node === undefined ? id : titleOf(node);
  };
  if (isEmpty(difference)) return <p className="t2 py-4">{t('diff.same', { before: beforeName, after: afterName })}</p>;
  return (
    <div className="col g12">
      <p className="t2 sm row g6">
        {beforeName} <Icon of={ArrowRight} size="xs" /> {afterName}
      </p>
      {difference.nodes.map((change) => (
        <section className={cx('card diffcard', change.what)} key={change.id}>
          <div className="hd">
            <Tile kind={change.kind} small />
            <b className="ell" dir="auto">
              {change.title}
            </b>
            <span className={cx('st end', change.what === 'added' && 'ok pill', change.what === 'removed' && 'err pill', change.what === 'changed' && 'run pill')}>
              <Icon of={icons[change.what]} />
              {t(`diff.${change.what}`)}
            </span>
          </div>
          {change.what === 'changed' && (
            <div className="bd">
              <Changes changes={change.changes} />
            </div>
          )}
        </section>
      ))}
      {difference.document.length > 0 && (
        <section className="card diffcard changed">
          <div className="hd">
            <b>{t('diff.document')}</b>
          </div>
          <div className="bd">
            <Changes changes={difference.document} />
          </div>
        </section>
      )}
      {difference.edges.length > 0 && (
        <section className="card diffcard">
          <div className="hd">
            <b>{t('diff.edges')}</b>
          </div>
          <ul className="bd col g4">
            {difference.edges.map((edge, index) => (
              <li className="row g6 sm" key={index}>
                <Icon of={icons[edge.what]} size="xs" className={edge.what === 'added' ? 'text-ok-glyph' : 'text-err-glyph'} label={t(`diff.${edge.what}`)} />
                {title(edge.source)}
                {edge.handle !== 'source' && <code className="t3">{edge.handle}</code>}
                <Icon of={ArrowRight} size="xs" className="t3" />
                {title(edge.target)}
              </li>
            ))}
          </ul>
        </section>
      )}
      {difference.moved > 0 && <p className="t3 sm">{t('diff.moved', { count: difference.moved })}</p>}
    </div>
  );
}
