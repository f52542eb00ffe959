import { CircleCheck, TriangleAlert } from 'lucide-react';
import { Toast as Radix } from 'radix-ui';
import { type ReactNode, useSyncExternalStore } from 'react';
import { Icon } from './Icon';

type Shown = { id: number; text: ReactNode; tone: 'ok' | 'warn'; action?: { label: string; run: () => void } };

let toasts: Shown[] = [];
let next = 0;
const listeners = new Set<() => void>();
const change = (now: Shown[]) => {
  toasts = now;
  listeners.forEach((listener) => listener());
};

/** For what happened elsewhere, or can be undone. Errors of a page stand on the page. */
export function toast(text: ReactNode, options: { tone?: 'ok' | 'warn'; action?: Shown['action'] } = {}) {
  next += 1;
  change([...toasts.slice(-2), { id: next, text, tone: options.tone ?? 'ok', action: options.action }]);
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <Radix.Provider duration={6000} swipeDirection="down">
      {shown.map((each) => (
        <Radix.Root key={each.id} className="toast" onOpenChange={(open) => !open && change(toasts.filter((other) => other.id !== each.id))}>
          <Icon of={each.tone === 'ok' ? CircleCheck : TriangleAlert} className={each.tone === 'ok' ? 'text-ok-glyph' : 'text-warn-glyph'} />
          <Radix.Description className="grow">{each.text}</Radix.Description>
          {each.action && (
            <Radix.Action asChild altText={each.action.label}>
              <button type="button" className="link" onClick={each.action.run}>
                {each.action.label}
              </button>
            </Radix.Action>
          )}
        </Radix.Root>
      ))}
      <Radix.Viewport className="toasts" />
    </Radix.Provider>
  );
}
