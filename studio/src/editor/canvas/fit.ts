import type { ReactFlowInstance } from '@xyflow/react';
import type { CardNode, FlowEdgeType } from './flow';

/** Shows everything, beside the panel where one is open. */
export function fit(flow: Pick<ReactFlowInstance<CardNode, FlowEdgeType>, 'fitView' | 'getNodes'>, beside: boolean, duration?: number) {
  if (window.innerWidth <= 720 && duration === undefined) {
    // A phone begins where the workflow does, large enough to be read.
    void flow.fitView({ nodes: flow.getNodes().filter((node) => node.type === 'card').slice(0, 2), padding: { left: '24px', top: '40px', bottom: '60%', right: '24px' }, minZoom: 0.6, maxZoom: 1 });
    return;
  }
  const right = beside && window.innerWidth > 1000 ? '456px' : '40px';
  void flow.fitView({ padding: { left: '24px', top: '40px', bottom: '76px', right }, minZoom: beside ? 0.62 : 0.3, maxZoom: 1, ...(duration === undefined ? {} : { duration }) });
}
