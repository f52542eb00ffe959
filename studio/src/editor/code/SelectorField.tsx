import { ChevronDown, CircleX, Search } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/components/Icon';
import { cx } from '@/util/cx';
import { Tile } from '../canvas/Tile';
import { isKnownKind } from '../document/kinds';
import { insideScope, readable, scopeOf, typeOf, type VariableGroup } from '../document/scope';
import { useDraft, useEditor } from '../state/context';

type Props = {
  node: string;
  value: readonly string[];
  onChange: (selector: string[]) => void;
  label: string;
  /** Only variables whose type begins so, such as `array` or `file`. */
  type?: string;
  /** Of the nodes inside of a container, for its result. */
  inside?: boolean;
  small?: boolean;
};

function List({ groups, onPick, chosen }: { groups: VariableGroup[]; onPick: (selector: string[]) => void; chosen: readonly string[] }) {
  const { t } = useTranslation('editor');
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const wanted = typed.trim().toLowerCase();
  const shown = groups
    .map((group) => ({ ...group, variables: group.variables.filter((variable) => `${group.title}.${variable.selector.slice(1).join('.')}`.toLowerCase().includes(wanted)) }))
    .filter((group) => group.variables.length > 0);
  const flat = shown.flatMap((group) => group.variables);
  return (
    <div
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown') setAt((old) => Math.min(old + 1, flat.length - 1));
        else if (event.key === 'ArrowUp') setAt((old) => Math.max(old - 1, 0));
        else if (event.key === 'Enter' && flat[at] !== undefined) onPick(flat[at].selector);
        else return;
        event.preventDefault();
      }}
    >
      <div className="row px-2 py-1.5">
        <Icon of={Search} size="s" className="t3" />
        <input className="bare" autoFocus value={typed} placeholder={t('vars.find')} aria-label={t('vars.find')} onChange={(event) => { setTyped(event.target.value); setAt(0); }} />
      </div>
      <div className="addlist" role="listbox" aria-label={t('vars.title')}>
        {shown.map((group) => (
          <div role="group" aria-label={group.origin === 'node' ? group.title : t(`vars.${group.origin}`)} key={group.id}>
            <div className="gh row g6">
              {group.origin === 'node' && isKnownKind(group.kind) && <Tile kind={group.kind} small />}
              {group.origin === 'node' ? group.title : t(`vars.${group.origin}`)}
            </div>
            {group.variables.map((variable) => {
              const index = flat.indexOf(variable);
              const on = variable.selector.join('.') === chosen.join('.');
              return (
                <div key={variable.selector.join('.')} role="option" aria-selected={on} className={cx('it', index === at && 'on')} onPointerMove={() => setAt(index)} onClick={() => onPick(variable.selector)}>
                  <span className="mono ell">{variable.selector.slice(1).join('.')}</span>
                  <span className="end t3 sm nw">{variable.type}</span>
                </div>
              );
            })}
          </div>
        ))}
        {flat.length === 0 && <p className="t3 sm px-2 py-3">{t('vars.none')}</p>}
      </div>
    </div>
  );
}

/** A control that holds one variable. */
export function SelectorField({ node, value, onChange, label, type, inside, small }: Props) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const draft = useDraft();
  const [open, setOpen] = useState(false);
  const groups = inside === true ? insideScope(draft, node) : scopeOf(draft, node);
  const fitting = type === undefined ? groups : groups
    .map((group) => ({ ...group, variables: group.variables.filter((variable) => variable.type.startsWith(type) || variable.type === 'any' || variable.type === 'object') }))
    .filter((group) => group.variables.length > 0);
  const set = value.length > 0;
  const name = set ? readable(draft, value) : undefined;
  const known = typeOf(draft, value);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <button type="button" className={cx('inp selfield', small === true && 'sm')} aria-label={set ? `${label}: ${name?.node ?? ''}.${name?.name ?? ''}` : label} disabled={editor.readOnly}>
          {name === undefined ? <span className="ph">{t('vars.choose')}</span> : (
            <span className={cx('var ell', !name.known && 'gone')} dir="ltr">
              {name.node}.{name.name}
            </span>
          )}
          {name !== undefined && !name.known && <Icon of={CircleX} size="xs" className="text-err-glyph" label={t('vars.gone')} />}
          <span className="end row g6">
            {known !== undefined && <span className="xs t3">{known}</span>}
            <Icon of={ChevronDown} size="s" />
          </span>
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="pop varmenu" align="start" sideOffset={4} collisionPadding={8} aria-label={label}>
          <List
            groups={fitting}
            chosen={value}
            onPick={(selector) => {
              onChange(selector);
              setOpen(false);
            }}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
