import { useSyncExternalStore } from 'react';
import { store, stored } from './storage';

export type ThemeChoice = 'system' | 'light' | 'dark';

const listeners = new Set<() => void>();
const system = matchMedia('(prefers-color-scheme: dark)');

const choice = (): ThemeChoice => {
  const kept = stored('theme');
  return kept === 'light' || kept === 'dark' ? kept : 'system';
};
const shown = (): 'light' | 'dark' => {
  const chosen = choice();
  if (chosen !== 'system') return chosen;
  return system.matches ? 'dark' : 'light';
};

function apply() {
  document.documentElement.dataset.theme = shown();
  listeners.forEach((listener) => listener());
}
system.addEventListener('change', apply);

export function setTheme(theme: ThemeChoice) {
  store('theme', theme === 'system' ? null : theme);
  apply();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const useTheme = () => useSyncExternalStore(subscribe, shown);
export const useThemeChoice = () => useSyncExternalStore(subscribe, choice);
