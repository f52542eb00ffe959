import { lazy, Suspense } from 'react';
import type { CodeProps } from './CodeEditor';

const Lazy = lazy(() => import('./CodeEditor'));

/** The code editor, loaded when the first one is shown; until then its text stands where it will be. */
export function Code(props: CodeProps) {
  return (
    <Suspense fallback={<div className="lkcode waiting">{props.value}</div>}>
      <Lazy {...props} />
    </Suspense>
  );
}
