/** What keys and menus ask of other parts of the editor. */
import { createStore } from './store';

/** Counts up each time somebody wants a test run. */
export const askForRun = createStore(0);
/** Whether the outline is open. */
export const openOutline = createStore(false);
