import type { ReactFlowInstance } from '@xyflow/react';
import type { CardNode, FlowEdgeType } from './flow';

/** Shows everything, beside the panel where one is open. */
export function fit(flow: Pick<ReactFlowInstance<CardNode, FlowEdgeType>, 'fitView'>, beside: boolean, duration?: number) {
  const right = beside && window.innerWidth > 1000 ? '456px' : '40px';
  void flow.fitView({ padding: { left: '24px', top: '40px', bottom: '76px', right }, minZoom: beside ? 0.62 : 0.3, maxZoom: 1, ...(duration === undefined ? {} : { duration }) });
}
