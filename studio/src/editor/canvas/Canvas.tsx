import {
  Background, BackgroundVariant, type Connection, type FinalConnectionState, MiniMap, type NodeChange, ReactFlow, ReactFlowProvider, useReactFlow, type Viewport,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import './canvas.css';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { connect, mayConnect, setContainer } from '../document/commands';
import { containerOf, findNode, isContainerKind, type Point } from '../document/draft';
import { sizeOf } from '../document/geometry';
import { needsLayout } from '../document/layout';
import type { EditorState } from '../state/editor';
import { useDraft, useEditor, useEditorState, useRun } from '../state/context';
import { AddMenu } from './AddMenu';
import { adding } from './adding';
import { Box, Card, Dot, Note } from './Cards';
import { createFlowEdges, createFlowNodes, type CardNode, type FlowEdgeType } from './flow';
import { fit } from './fit';
import { FlowEdge } from './FlowEdge';
import { hoveredEdge } from './hover';
import { openNodeMenu } from './menu';
import { NodeMenu } from './NodeMenu';
import { Tools } from './Tools';
import { useCanvasKeys } from './keys';

const nodeTypes = { card: Card, box: Box, dot: Dot, note: Note };
const edgeTypes = { flow: FlowEdge };
const GRID: [number, number] = [8, 8];

const NONE: ReadonlyMap<string, Point> = new Map();

/** Below half size a card is its title and state, below a third its tile and state: told to the style sheet, not to the cards. */
const detail = (zoom: number): string => (zoom < 0.3 ? 'far' : zoom < 0.5 ? 'mid' : 'near');

/** Keeps the selected card in sight, beside the panel: moves the canvas only as far as it has to. */
function keepInSight(flow: ReturnType<typeof useReactFlow<CardNode, FlowEdgeType>>, box: DOMRect | undefined, state: EditorState) {
  const only = state.selection.length === 1 ? state.selection[0] : undefined;
  const node = only === undefined ? undefined : flow.getInternalNode(only);
  if (box === undefined || node === undefined || state.side === undefined) return;
  const { x, y, zoom } = flow.getViewport();
  const size = sizeOf(node.data.node);
  const phone = box.width < 720;
  const free = phone ? { right: box.width - 12, bottom: box.height * 0.34 - 12 } : { right: box.width - 440, bottom: box.height - 60 };
  const left = node.internals.positionAbsolute.x * zoom + x;
  const top = node.internals.positionAbsolute.y * zoom + y;
  const width = Math.min(size.width * zoom, free.right - 24);
  const height = Math.min(size.height * zoom, free.bottom - 24);
  const dx = left < 12 ? 24 - left : left + width > free.right ? free.right - width - left - 12 : 0;
  const dy = top < 12 ? 24 - top : top + height > free.bottom ? free.bottom - height - top : 0;
  if (dx !== 0 || dy !== 0) void flow.setViewport({ x: x + dx, y: y + dy, zoom }, { duration: 180 });
}

/** A node that has failed is brought into sight; it is not selected, so that the run stays open beside it. */
function useFailedInSight() {
  const flow = useReactFlow<CardNode, FlowEdgeType>();
  const failed = useRun((run) => run?.error?.node_id ?? undefined);
  useEffect(() => {
    const node = failed === undefined ? undefined : flow.getInternalNode(failed);
    if (node === undefined) return;
    const { x, y } = node.internals.positionAbsolute;
    const size = sizeOf(node.data.node);
    const zoom = Math.max(flow.getZoom(), 0.6);
    void flow.setCenter(x + size.width / 2 + (window.innerWidth > 1000 ? 216 / zoom : 0), y + size.height / 2, { zoom, duration: 180 });
  }, [failed, flow]);
}

function Flow() {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const draft = useDraft();
  const selection = useEditorState((state) => state.selection);
  const chosen = useEditorState((state) => state.edges);
  const flow = useReactFlow<CardNode, FlowEdgeType>();
  const wrap = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState<ReadonlyMap<string, Point>>(NONE);
  const [toNodes] = useState(createFlowNodes);
  const [toEdges] = useState(createFlowEdges);
  const phone = typeof matchMedia === 'function' && matchMedia('(max-width: 720px)').matches;
  const movable = !editor.readOnly && !phone;
  const nodes = useMemo(() => toNodes(draft, selection, dragged, movable), [toNodes, draft, selection, dragged, movable]);
  const edges = useMemo(() => toEdges(draft, selection, chosen), [toEdges, draft, selection, chosen]);
  const only = selection.length === 1 ? selection[0] : undefined;
  const side = useEditorState((state) => state.side);
  useEffect(() => {
    keepInSight(flow, wrap.current?.getBoundingClientRect(), editor.store.get());
  }, [only, side, flow, editor]);
  useCanvasKeys();
  useFailedInSight();

  const onNodesChange = useCallback(
    (changes: NodeChange<CardNode>[]) => {
      const places = new Map<string, Point>();
      let done = false;
      let selected: Set<string> | undefined;
      for (const change of changes) {
        if (change.type === 'position' && change.position !== undefined) {
          places.set(change.id, change.position);
          done ||= change.dragging !== true;
        } else if (change.type === 'position') done ||= change.dragging === false;
        else if (change.type === 'select') {
          selected ??= new Set(editor.store.get().selection);
          if (change.selected) selected.add(change.id);
          else selected.delete(change.id);
        }
      }
      if (selected !== undefined) editor.select([...selected], editor.store.get().edges);
      if (places.size === 0 && !done) return;
      setDragged((old) => {
        const next = new Map([...old, ...places]);
        if (!done) return next;
        // The document changes once, when the hand lets go.
        queueMicrotask(() => editor.move(next));
        return NONE;
      });
    },
    [editor],
  );

  const dropInto = useCallback(
    (_event: unknown, node: CardNode) => {
      const doc = findNode(editor.draft(), node.id);
      if (doc === undefined || isContainerKind(node.data.kind) || containerOf(doc) !== undefined || node.type === 'note') return;
      const under = flow.getIntersectingNodes(node).find((other) => isContainerKind(other.data.kind));
      if (under === undefined || !window.confirm(t('box.enter', { node: doc.data.title ?? doc.id, box: under.data.node.data.title ?? under.id }))) return;
      editor.apply((now) => setContainer(now, node.id, under.id, { x: node.position.x - under.position.x, y: Math.max(48, node.position.y - under.position.y) }));
    },
    [editor, flow, t],
  );

  const dropEdge = useCallback(
    (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
      if (state.isValid === true || state.fromNode === null || state.toNode !== null) return;
      const touch = 'changedTouches' in event ? event.changedTouches[0] : event;
      if (touch === undefined) return;
      const at = flow.screenToFlowPosition({ x: touch.clientX, y: touch.clientY });
      adding.set(() => ({ kind: 'after', source: state.fromNode?.id ?? '', handle: state.fromHandle?.id ?? 'source', x: touch.clientX, y: touch.clientY, at }));
    },
    [flow],
  );

  const join = (connection: Connection) =>
    editor.apply((now) => connect(now, connection.source, connection.sourceHandle ?? 'source', connection.target));
  const onMove = (_event: unknown, viewport: Viewport) => {
    if (wrap.current !== null) wrap.current.dataset.zoom = detail(viewport.zoom);
  };

  return (
    <div className="lkcanvas" ref={wrap} data-zoom="near">
      <ReactFlow<CardNode, FlowEdgeType>
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={onNodesChange}
        onNodeDragStop={dropInto}
        onConnect={join}
        onConnectEnd={dropEdge}
        isValidConnection={(connection) => mayConnect(draft, connection.source, connection.sourceHandle ?? 'source', connection.target) === undefined}
        onEdgeClick={(_event, edge) => editor.select([], [edge.id])}
        onEdgeMouseEnter={(_event, edge) => hoveredEdge.set(() => edge.id)}
        onEdgeMouseLeave={(_event, edge) => hoveredEdge.set((old) => (old === edge.id ? undefined : old))}
        onNodeContextMenu={(event, node) => {
          event.preventDefault();
          openNodeMenu(node.id, event.clientX, event.clientY);
        }}
        onPaneClick={() => editor.select([])}
        onPaneContextMenu={(event) => {
          event.preventDefault();
          if (movable) adding.set(() => ({ kind: 'free', x: event.clientX, y: event.clientY, at: flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }) }));
        }}
        onMove={onMove}
        onInit={(instance) => {
          if (needsLayout(draft) && !editor.readOnly) editor.tidy();
          fit(instance, editor.store.get().side !== undefined);
          requestAnimationFrame(() => requestAnimationFrame(() => keepInSight(flow, wrap.current?.getBoundingClientRect(), editor.store.get())));
        }}
        nodesDraggable={movable}
        nodesConnectable={movable}
        connectionRadius={28}
        snapToGrid
        snapGrid={GRID}
        minZoom={0.1}
        maxZoom={2}
        panOnScroll
        zoomOnDoubleClick={false}
        deleteKeyCode={null}
        multiSelectionKeyCode={['Meta', 'Control', 'Shift']}
        selectionKeyCode="Shift"
        onlyRenderVisibleElements={false}
        proOptions={{ hideAttribution: true }}
        ariaLabelConfig={{ 'node.a11yDescription.default': t('canvas.nodeKeys'), 'edge.a11yDescription.default': t('canvas.edgeKeys') }}
        aria-label={t('canvas.label')}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1.8} color="var(--dot)" bgColor="var(--canvas)" />
        <MiniMap className="mini" pannable zoomable ariaLabel={t('canvas.map')} nodeBorderRadius={6} nodeClassName={(node) => (node.selected ? 'sel' : '')} />
        <Tools />
      </ReactFlow>
      <AddMenu />
      <NodeMenu />
    </div>
  );
}

export function Canvas() {
  return (
    <ReactFlowProvider>
      <Flow />
    </ReactFlowProvider>
  );
}
