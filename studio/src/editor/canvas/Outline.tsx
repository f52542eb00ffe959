import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/Button';
import { cx } from '@/util/cx';
import { containerOf, isContainerStart, isNote, kindOf, titleOf } from '../document/draft';
import { useDraft, useEditor, useEditorState } from '../state/context';
import { openOutline } from '../state/signals';
import { useStore } from '../state/store';
import { inGraphOrder } from './flow';
import { Tile } from './Tile';

/** The graph as a list, for whoever does not see or move the canvas. */
export function Outline() {
  const { t } = useTranslation('editor');
  const open = useStore(openOutline, (value) => value);
  const draft = useDraft();
  const editor = useEditor();
  const selection = useEditorState((state) => state.selection);
  if (!open) return null;
  const rows = inGraphOrder(draft).filter((node) => !isNote(node) && !isContainerStart(kindOf(node)));
  return (
    <nav className="outline" aria-label={t('tools.outline')}>
      <div className="row px-3 pt-2">
        <h2 className="grow">{t('tools.outline')}</h2>
        <IconButton size="sm" icon={X} label={t('close')} onClick={() => openOutline.set(() => false)} />
      </div>
      <ol>
        {rows.map((node) => {
          const next = draft.edges.filter((edge) => edge.source === node.id).map((edge) => draft.nodes.find((other) => other.id === edge.target)).filter((other) => other !== undefined);
          return (
            <li key={node.id}>
              <button type="button" className={cx('outrow', selection.includes(node.id) && 'on', containerOf(node) !== undefined && 'pl-7')} onClick={() => editor.select([node.id])}>
                <Tile kind={kindOf(node)} small />
                <span className="b ell" dir="auto">
                  {titleOf(node)}
                </span>
                {next.length > 0 && (
                  <span className="t3 xs ell" dir="auto">
                    {t('outline.then', { titles: next.map(titleOf).join(', ') })}
                  </span>
                )}
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
