import { Variable } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/Button';
import { cx } from '@/util/cx';
import { placeholder as braces } from '../document/template';
import { insideScope, readable, scopeOf, typeOf } from '../document/scope';
import { useDraft, useEditor } from '../state/context';
import { Code } from './Code';
import type { CodeHandle } from './CodeEditor';
import type { Naming, Offer } from './view';

/** The variables that may stand at a node, as the list that opens behind `{{`. */
export function useOffers(node: string, inside = false): Offer[] {
  const { t } = useTranslation('editor');
  const draft = useDraft();
  return useMemo(
    () =>
      [...(inside ? insideScope(draft, node) : []), ...scopeOf(draft, node)].flatMap((group) =>
        group.variables.map((variable) => ({
          insert: braces(variable.selector),
          label: group.origin === 'node' ? variable.selector.slice(1).join('.') : variable.selector.join('.'),
          detail: `${variable.type}${variable.required === true ? `, ${t('vars.required')}` : ''}${variable.later && group.kind !== 'env' ? ` · ${t('vars.later')}` : ''}`,
          section: group.origin === 'node' ? group.title : t(`vars.${group.origin}`),
        })),
      ),
    [draft, node, inside, t],
  );
}

/** How variables are called in pills: `start.tenant`, with the node's title. */
export function useNaming(): Naming {
  const draft = useDraft();
  return useMemo(
    () => (selector) => {
      const { node, name, known } = readable(draft, selector);
      return { label: `${node}.${name}`, known, title: `${selector.join('.')} · ${typeOf(draft, selector) ?? '?'}` };
    },
    [draft],
  );
}

type Props = {
  node: string;
  value: string;
  onChange: (text: string) => void;
  label: string;
  placeholder?: string;
  single?: boolean;
  className?: string;
  /** Without its own frame, inside of another one. */
  bare?: boolean;
};

/** A text with variables: `{{` or `/` opens them. */
export function Template({ node, value, onChange, label, placeholder, single, className, bare }: Props) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const offers = useOffers(node);
  const naming = useNaming();
  const code = useRef<CodeHandle>(null);
  return (
    <div className={cx(bare ? 'tplbare' : 'tpl', single && 'single', className)}>
      <Code handle={code} language="template" value={value} onChange={onChange} label={label} placeholder={placeholder ?? t('vars.hint')} single={single ?? false} readOnly={editor.readOnly} naming={naming} offers={offers} />
      {!editor.readOnly && <IconButton size="sm" icon={Variable} label={t('vars.insert')} className="tplvar" onClick={() => code.current?.complete()} />}
    </div>
  );
}
