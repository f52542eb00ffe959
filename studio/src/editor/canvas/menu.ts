/** Which node's menu is open, and where. One menu serves all cards, so that none of them has to carry its own. */
import { createStore } from '../state/store';

export interface OpenMenu {
  node: string;
  x: number;
  y: number;
}

export const nodeMenu = createStore<OpenMenu | undefined>(undefined);
export const openNodeMenu = (node: string, x: number, y: number) => nodeMenu.set(() => ({ node, x, y }));
export const closeNodeMenu = () => nodeMenu.set(() => undefined);
