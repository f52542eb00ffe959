import { Copy, CopyPlus, LogOut, PanelRight, Play, Plus, Trash2 } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/components/Icon';
import { setContainer } from '../document/commands';
import { containerOf, findNode, isContainerStart, isNote, kindOf, titleOf } from '../document/draft';
import { handlesOf, isRootKind } from '../document/kinds';
import { useEditor } from '../state/context';
import { runNode } from '../run/single';
import { useStore } from '../state/store';
import { adding } from './adding';
import { closeNodeMenu, nodeMenu } from './menu';

/** What can be done with one node; everything that a hand can do on the canvas is here for a keyboard too. */
export function NodeMenu() {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const open = useStore(nodeMenu, (value) => value);
  const node = open === undefined ? undefined : findNode(editor.draft(), open.node);
  if (open === undefined || node === undefined || isContainerStart(kindOf(node))) return null;
  const kind = kindOf(node);
  const handle = handlesOf(kind, node.data)[0];
  const container = containerOf(node);
  const box = container === undefined ? undefined : findNode(editor.draft(), container);
  const act = (run: () => void) => () => {
    closeNodeMenu();
    run();
  };
  const each = (run: () => void) => act(() => {
    if (!editor.store.get().selection.includes(node.id)) editor.select([node.id]);
    run();
  });
  return (
    <DropdownMenu.Root open onOpenChange={(next) => !next && closeNodeMenu()} modal={false}>
      <DropdownMenu.Trigger asChild>
        <span className="anchor" style={{ left: open.x, top: open.y }} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="pop" align="start" collisionPadding={8} aria-label={t('menu.of', { title: titleOf(node) })}>
          <DropdownMenu.Item className="it" onSelect={act(() => editor.select([node.id]))}>
            <Icon of={PanelRight} size="s" className="t2" />
            <span className="grow">{t('menu.open')}</span>
            <span className="kbd">Enter</span>
          </DropdownMenu.Item>
          {!editor.readOnly && !isNote(node) && handle !== undefined && (
            <DropdownMenu.Item className="it" onSelect={act(() => adding.set(() => ({ kind: 'after', source: node.id, handle, x: open.x, y: open.y })))}>
              <Icon of={Plus} size="s" className="t2" />
              <span className="grow">{t('menu.addAfter')}</span>
            </DropdownMenu.Item>
          )}
          {!isNote(node) && !isRootKind(kind) && (
            <DropdownMenu.Item className="it" onSelect={act(() => runNode.set(() => node.id))}>
              <Icon of={Play} size="s" className="t2" />
              <span className="grow">{t('menu.run')}</span>
            </DropdownMenu.Item>
          )}
          {!editor.readOnly && (
            <>
              <DropdownMenu.Separator className="my-1 h-px bg-line" />
              <DropdownMenu.Item className="it" onSelect={each(() => void editor.copy())}>
                <Icon of={Copy} size="s" className="t2" />
                <span className="grow">{t('menu.copy')}</span>
                <span className="kbd">⌘C</span>
              </DropdownMenu.Item>
              {!isRootKind(kind) && (
                <DropdownMenu.Item className="it" onSelect={each(() => editor.duplicate())}>
                  <Icon of={CopyPlus} size="s" className="t2" />
                  <span className="grow">{t('menu.duplicate')}</span>
                  <span className="kbd">⌘D</span>
                </DropdownMenu.Item>
              )}
              {box !== undefined && (
                <DropdownMenu.Item
                  className="it"
                  onSelect={act(() => editor.apply((now) => setContainer(now, node.id, undefined, { x: box.position.x + node.position.x, y: box.position.y - 140 })))}
                >
                  <Icon of={LogOut} size="s" className="t2" />
                  <span className="grow">{t('menu.leave')}</span>
                </DropdownMenu.Item>
              )}
              <DropdownMenu.Item className="it text-err" onSelect={each(() => editor.remove())}>
                <Icon of={Trash2} size="s" />
                <span className="grow">{t('menu.remove')}</span>
                <span className="kbd">Del</span>
              </DropdownMenu.Item>
            </>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
