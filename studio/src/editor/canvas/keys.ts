import { useReactFlow } from '@xyflow/react';
import { useEffect } from 'react';
import { stored } from '@/util/storage';
import { nextProblem } from '../document/problems';
import { useEditor, useRunner } from '../state/context';
import { askForRun, openOutline } from '../state/signals';
import { adding } from './adding';
import type { CardNode, FlowEdgeType } from './flow';
import { fit } from './fit';

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest('[role="dialog"], [role="menu"], .cm-editor') !== null);

/** The keys of the canvas. What a key does has a button or a menu too. */
export function useCanvasKeys() {
  const editor = useEditor();
  const runner = useRunner();
  const flow = useReactFlow<CardNode, FlowEdgeType>();
  useEffect(() => {
    const withCommand = (event: KeyboardEvent): boolean => {
      const key = event.key.toLowerCase();
      const chosen = editor.store.get().selection.length > 0;
      if (key === 'z' && event.shiftKey) editor.redo();
      else if (key === 'z') editor.undo();
      else if (key === 'y') editor.redo();
      else if (key === 'enter') askForRun.set((old) => old + 1);
      else if (key === '.') void runner.stop();
      else if (key === 'd' && chosen) editor.duplicate();
      else if (key === 'c' && chosen && window.getSelection()?.isCollapsed !== false) editor.copy();
      else if (key === 'v') editor.paste();
      else return false;
      return true;
    };
    const single = (event: KeyboardEvent): boolean => {
      switch (event.key.toLowerCase()) {
        case 'a':
          if (!editor.readOnly) adding.set(() => ({ kind: 'free', x: window.innerWidth / 3, y: window.innerHeight / 3 }));
          return true;
        case 'f':
          fit(flow, editor.store.get().side !== undefined, 180);
          return true;
        case '1':
          void flow.zoomTo(1, { duration: 180 });
          return true;
        case 'o':
          openOutline.set((old) => !old);
          return true;
        case 'e': {
          const { problems, selection } = editor.store.get();
          const next = nextProblem(problems, selection[0]);
          if (next !== undefined) editor.select([next]);
          return true;
        }
        default:
          return false;
      }
    };
    const press = (event: KeyboardEvent) => {
      if (typing(event.target) || event.altKey || event.defaultPrevented) return;
      const command = event.metaKey || event.ctrlKey;
      let done = false;
      if (command) done = withCommand(event);
      else if (event.key === 'Delete' || event.key === 'Backspace') {
        editor.remove();
        done = true;
      } else if (event.key === 'Escape' && editor.store.get().selection.length > 0) {
        editor.select([]);
        done = true;
      } else if (stored('letters') !== 'off') done = single(event);
      if (done) event.preventDefault();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [editor, runner, flow]);
}
