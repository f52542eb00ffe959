import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath, getSmoothStepPath } from '@xyflow/react';
import { Plus, X } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/components/Icon';
import { cx } from '@/util/cx';
import { removeEdges } from '../document/commands';
import { useEdgeLook, useEditor } from '../state/context';
import { useStore } from '../state/store';
import { adding } from './adding';
import type { FlowEdgeType } from './flow';
import { hoveredEdge } from './hover';

const looks = { idle: '', taken: 'on', active: 'run', untaken: 'skip' };

export const FlowEdge = memo(function FlowEdge({ id, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, selected, data }: EdgeProps<FlowEdgeType>) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const look = useEdgeLook(id);
  const hovered = useStore(hoveredEdge, (edge) => edge === id);
  const ends = { sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition };
  const [path, x, y] = data?.back === true ? getSmoothStepPath({ ...ends, borderRadius: 8, offset: 16 }) : getBezierPath({ ...ends, curvature: 0.3 });
  return (
    <>
      <BaseEdge id={id} path={path} interactionWidth={18} className={cx('lkedge', looks[look], look === 'idle' && data?.look === 'lit' && 'sel')} />
      {(hovered || selected) && !editor.readOnly && (
        <EdgeLabelRenderer>
          <div
            className="edgebtns nopan"
            style={{ transform: `translate(-50%,-50%) translate(${x}px,${y}px)` }}
            onPointerEnter={() => hoveredEdge.set(() => id)}
            onPointerLeave={() => hoveredEdge.set(() => undefined)}
          >
            <button type="button" aria-label={t('edge.insert')} title={t('edge.insert')} onClick={(event) => adding.set(() => ({ kind: 'edge', edge: id, x: event.clientX, y: event.clientY }))}>
              <Icon of={Plus} size="xs" />
            </button>
            <button type="button" aria-label={t('edge.remove')} title={t('edge.remove')} onClick={() => editor.apply((draft) => removeEdges(draft, [id]))}>
              <Icon of={X} size="xs" />
            </button>
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
