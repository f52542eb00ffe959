import { Handle, Position } from '@xyflow/react';

export const InHandle = () => <Handle type="target" id="target" position={Position.Left} className="h in" isConnectableStart={false} />;

export const OutHandle = ({ id }: { id: string }) => <Handle type="source" id={id} position={Position.Right} className="h" isConnectableEnd={false} />;
