import { useReactFlow } from '@xyflow/react';
import { Search } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/components/Icon';
import { cx } from '@/util/cx';
import { addAfter, addNode, insertOnEdge, type NewNode } from '../document/commands';
import { containerOf, findNode, isContainerKind, kindOf, modeOf, type Point } from '../document/draft';
import { placeAfter } from '../document/geometry';
import { addable } from '../document/kinds';
import { useDraft, useEditor } from '../state/context';
import { useStore } from '../state/store';
import { type Adding, adding } from './adding';
import { Tile } from './Tile';

function containerFor(draft: ReturnType<typeof useDraft>, request: Adding): string | undefined {
  const neighbour = request.kind === 'after' ? request.source : request.kind === 'edge' ? draft.edges.find((edge) => edge.id === request.edge)?.source : undefined;
  const node = neighbour === undefined ? undefined : findNode(draft, neighbour);
  return node === undefined ? undefined : containerOf(node);
}

function List({ request, close }: { request: Adding; close: () => void }) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const draft = useDraft();
  const flow = useReactFlow();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const selected = editor.store.get().selection;
  const box = request.kind === 'free' && selected.length === 1 ? findNode(draft, selected[0] ?? '') : undefined;
  const container = containerFor(draft, request) ?? (box !== undefined && isContainerKind(kindOf(box)) ? box.id : undefined);
  const containerNode = container === undefined ? undefined : findNode(draft, container);
  const all = addable(modeOf(draft), containerNode === undefined ? undefined : kindOf(containerNode)).filter(
    ({ kind }) => kind !== 'start' || !draft.nodes.some((node) => kindOf(node) === 'start'),
  );
  const wanted = typed.trim().toLowerCase();
  const shown = all.filter(({ kind }) => `${t(`kind.${kind}`)} ${t(`about.${kind}`)} ${kind}`.toLowerCase().includes(wanted));
  const groups = [...new Set(shown.map(({ group }) => group))];

  const add = (kind: string) => {
    const inside = containerNode?.position ?? { x: 0, y: 0 };
    const relative = (point: Point): Point => (container === undefined ? point : { x: point.x - inside.x, y: point.y - inside.y });
    const what = (position: Point): NewNode => ({ kind, title: t(`kind.${kind}`), position, container });
    if (request.kind === 'after') {
      const spot = request.at === undefined ? placeAfter(draft, request.source) : relative({ x: request.at.x, y: request.at.y - 19 });
      editor.apply((now, time) => addAfter(now, request.source, request.handle, what(spot), time));
    } else if (request.kind === 'edge') {
      const edge = draft.edges.find((candidate) => candidate.id === request.edge);
      if (edge !== undefined) editor.apply((now, time) => insertOnEdge(now, edge.id, what(placeAfter(now, edge.source)), time));
    } else {
      const middle = request.at ?? flow.screenToFlowPosition({ x: request.x, y: request.y });
      const spot = container === undefined ? middle : { x: 60, y: 60 };
      editor.apply((now, time) => addNode(now, what(spot), time));
    }
    close();
  };

  return (
    <div
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown') setAt((old) => Math.min(old + 1, shown.length - 1));
        else if (event.key === 'ArrowUp') setAt((old) => Math.max(old - 1, 0));
        else if (event.key === 'Enter' && shown[at] !== undefined) add(shown[at].kind);
        else return;
        event.preventDefault();
      }}
    >
      <div className="row px-2 py-1.5">
        <Icon of={Search} size="s" className="t3" />
        <input
          className="bare"
          autoFocus
          value={typed}
          placeholder={t('add.find')}
          aria-label={t('add.find')}
          role="combobox"
          aria-expanded="true"
          aria-controls="add-node-list"
          aria-activedescendant={shown[at] === undefined ? undefined : `add-${shown[at].kind}`}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
        />
      </div>
      <div className="addlist" role="listbox" id="add-node-list" aria-label={t('add.title')}>
        {groups.map((group) => (
          <div role="group" aria-label={t(`group.${group}`)} key={group}>
            <div className="gh" aria-hidden="true">{t(`group.${group}`)}</div>
            {shown
              .filter((item) => item.group === group)
              .map(({ kind }) => (
                <div
                  key={kind}
                  id={`add-${kind}`}
                  role="option"
                  aria-selected={shown[at]?.kind === kind}
                  className={cx('it', shown[at]?.kind === kind && 'on')}
                  onPointerMove={() => setAt(shown.findIndex((item) => item.kind === kind))}
                  onClick={() => add(kind)}
                >
                  <Tile kind={kind} small />
                  <span className="b">{t(`kind.${kind}`)}</span>
                  <span className="t3 sm ell">{t(`about.${kind}`)}</span>
                </div>
              ))}
          </div>
        ))}
        {shown.length === 0 && <p className="t3 sm px-2 py-3">{t('add.none')}</p>}
      </div>
    </div>
  );
}

/** *Add node*: all types that may stand here, by family, with a search. */
export function AddMenu() {
  const { t } = useTranslation('editor');
  const request = useStore(adding, (value) => value);
  const close = () => adding.set(() => undefined);
  return (
    <Popover.Root open={request !== undefined} onOpenChange={(open) => !open && close()}>
      <Popover.Anchor asChild>
        <span className="anchor" style={{ left: request?.x ?? 0, top: request?.y ?? 0 }} />
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content className="pop addmenu" aria-label={t('add.title')} collisionPadding={12} align="start" sideOffset={6}>
          {request !== undefined && <List request={request} close={close} />}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
