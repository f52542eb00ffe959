import { useSyncExternalStore } from 'react';

const narrow = matchMedia('(max-width: 720px)');
const subscribe = (listener: () => void) => {
  narrow.addEventListener('change', listener);
  return () => narrow.removeEventListener('change', listener);
};

/** On a phone. */
export const useNarrow = () => useSyncExternalStore(subscribe, () => narrow.matches);
