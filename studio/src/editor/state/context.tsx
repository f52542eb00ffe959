import { createContext, useContext } from 'react';
import type { JsonObject } from '../document/json';
import type { DocNode, Draft } from '../document/draft';
import { findNode } from '../document/draft';
import { type ExecutionState, latest, type NodeRun, type RunState } from '../document/run/state';
import type { EdgeLook } from '../document/run/paths';
import type { Editor, EditorState } from './editor';
import type { Runner } from '../run/runner';
import { useStore } from './store';

export interface Opened {
  editor: Editor;
  runner: Runner;
}

const Context = createContext<Opened | undefined>(undefined);
export const OpenedProvider = Context.Provider;

function useOpened(): Opened {
  const opened = useContext(Context);
  if (opened === undefined) throw new Error('outside of an open workflow');
  return opened;
}

export const useEditor = (): Editor => useOpened().editor;
export const useRunner = (): Runner => useOpened().runner;

export function useEditorState<P>(part: (state: EditorState) => P): P {
  return useStore(useEditor().store, part);
}

export const useDraft = (): Draft => useEditorState((state) => state.history.now);
export const useNode = (id: string): DocNode | undefined => useEditorState((state) => findNode(state.history.now, id));
export const useData = (id: string): JsonObject | undefined => useNode(id)?.data;

export function useRun<P>(part: (run: RunState | undefined) => P): P {
  return useStore(useRunner().store, (state) => part(state.run));
}

export const useNodeRun = (id: string): NodeRun | undefined => useRun((run) => run?.nodes[id]);
export const useLatest = (id: string): ExecutionState | undefined => useRun((run) => (run === undefined ? undefined : latest(run, id)));
export const useSkipped = (id: string): boolean => useStore(useRunner().store, (state) => state.paths?.skipped.has(id) ?? false);
export const useEdgeLook = (id: string): EdgeLook => useStore(useRunner().store, (state) => state.paths?.edges.get(id) ?? 'idle');
