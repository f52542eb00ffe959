import { useSyncExternalStore } from 'react';

/** How the page stands with the server. `waiting` counts changes that are kept here until it is back. */
export type Connection = { state: 'online' } | { state: 'offline'; nextTryAt: number };

let connection: Connection = { state: 'online' };
let sessionEnded = false;
let attempt = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();
const backListeners = new Set<() => void>();

const tell = () => listeners.forEach((listener) => listener());
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

async function probe() {
  try {
    const response = await fetch('/healthz', { cache: 'no-store' });
    if (response.ok) return reached();
  } catch {
    // Still away.
  }
  schedule();
}

function schedule() {
  clearTimeout(timer);
  const seconds = Math.min(2 ** attempt, 30);
  attempt += 1;
  connection = { state: 'offline', nextTryAt: Date.now() + seconds * 1000 };
  timer = setTimeout(() => void probe(), seconds * 1000);
  tell();
}

/** A request found nobody. */
export function lost() {
  if (connection.state === 'online') schedule();
}

/** A request was answered. */
export function reached() {
  if (connection.state === 'online') return;
  clearTimeout(timer);
  attempt = 0;
  connection = { state: 'online' };
  tell();
  backListeners.forEach((listener) => listener());
}

export function tryNow() {
  clearTimeout(timer);
  void probe();
}

/** Called each time the server is back. */
export function onBack(listener: () => void) {
  backListeners.add(listener);
  return () => backListeners.delete(listener);
}

/** The cookie is not good any more; the page stays and asks to sign in. */
export function setSessionEnded(ended: boolean) {
  if (sessionEnded === ended) return;
  sessionEnded = ended;
  tell();
}

export const useConnection = () => useSyncExternalStore(subscribe, () => connection);
export const useSessionEnded = () => useSyncExternalStore(subscribe, () => sessionEnded);
