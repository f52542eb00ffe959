import { useSyncExternalStore } from 'react';

type Open = 'nothing' | 'palette' | 'keys';

let open: Open = 'nothing';
const listeners = new Set<() => void>();

function show(next: Open) {
  open = next;
  listeners.forEach((listener) => listener());
}

export const openPalette = () => show('palette');
export const openKeys = () => show('keys');
export const closePalette = () => show('nothing');

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const useOpenPalette = () => useSyncExternalStore(subscribe, () => open);

/** What a page adds to the command bar while it is open, such as the nodes of a workflow. */
export type Command = { id: string; group: string; label: string; hint?: string; keys?: string; run: () => void };

let commands: Command[] = [];

/** Gives the page's commands; the function that comes back takes them away. */
export function offerCommands(offered: Command[]): () => void {
  commands = [...commands, ...offered];
  listeners.forEach((listener) => listener());
  return () => {
    commands = commands.filter((command) => !offered.includes(command));
    listeners.forEach((listener) => listener());
  };
}

export const useOfferedCommands = () => useSyncExternalStore(subscribe, () => commands);
