import { Panel, useReactFlow, useViewport } from '@xyflow/react';
import { ListTree, Maximize, Minus, Plus, StickyNote, WandSparkles } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { Button, IconButton } from '@/components/Button';
import { percent } from '@/util/format';
import { addNote } from '../document/commands';
import { useEditor } from '../state/context';
import { openOutline } from '../state/signals';
import { adding } from './adding';
import { fit } from './fit';
import type { CardNode, FlowEdgeType } from './flow';

function Zoom() {
  const { zoom } = useViewport();
  return (
    <span className="sm num w-10 text-center" aria-live="off">
      {percent(zoom)}
    </span>
  );
}

/** Zoom, fit, tidy, outline, note, add: at the lower left. */
export function Tools() {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const flow = useReactFlow<CardNode, FlowEdgeType>();
  const session = useSession();
  const middle = () => flow.screenToFlowPosition({ x: window.innerWidth / 3, y: window.innerHeight / 3 });
  const showAll = () => fit(flow, editor.store.get().side !== undefined, 180);
  return (
    <>
    {!editor.readOnly && (
      <Panel position="top-center" className="phonehint only-m">
        {t('canvas.phone')}
      </Panel>
    )}
    <Panel position="bottom-left" className="cvtools">
      <div className="grp hide-m">
        <IconButton size="sm" icon={Minus} label={t('tools.out')} onClick={() => void flow.zoomOut({ duration: 120 })} />
        <Zoom />
        <IconButton size="sm" icon={Plus} label={t('tools.in')} onClick={() => void flow.zoomIn({ duration: 120 })} />
      </div>
      <div className="grp">
        <IconButton size="sm" icon={Maximize} label={t('tools.fit')} onClick={showAll} />
        <IconButton size="sm" icon={ListTree} label={t('tools.outline')} onClick={() => openOutline.set((old) => !old)} />
        {!editor.readOnly && (
          <span className="row g4 hide-m">
            <IconButton
              size="sm"
              icon={WandSparkles}
              label={t('tools.tidy')}
              onClick={() => {
                editor.tidy();
                requestAnimationFrame(showAll);
              }}
            />
            <IconButton size="sm" icon={StickyNote} label={t('tools.note')} onClick={() => editor.apply((draft, now) => addNote(draft, middle(), session.member?.name ?? '', now))} />
          </span>
        )}
      </div>
      {!editor.readOnly && (
        <div className="grp hide-m">
          <Button
            size="sm"
            kind="ghost"
            icon={Plus}
            onClick={(event) => {
              const box = event.currentTarget.getBoundingClientRect();
              adding.set(() => ({ kind: 'free', x: box.left, y: box.top - 8, at: middle() }));
            }}
          >
            {t('add.title')}
            <span className="kbd">A</span>
          </Button>
        </div>
      )}
    </Panel>
    </>
  );
}
