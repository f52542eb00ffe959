import { useSyncExternalStore } from 'react';

function clock(ms: number) {
  const listeners = new Set<() => void>();
  let now = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    timer ??= setInterval(() => {
      now = Date.now();
      listeners.forEach((each) => each());
    }, ms);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  };
  return { subscribe, read: () => (timer ? now : (now = Date.now() - (Date.now() % ms))) };
}

const seconds = clock(1000);
const minutes = clock(30_000);

/** The time, once a second; for what counts down. */
export const useSeconds = () => useSyncExternalStore(seconds.subscribe, seconds.read);
/** The time, twice a minute; for relative times. */
export const useMinutes = () => useSyncExternalStore(minutes.subscribe, minutes.read);
