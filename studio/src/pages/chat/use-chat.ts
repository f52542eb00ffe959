import { listModelCallsOfRun, stopRun } from '@latchkey/client';
import { useRef, useState } from 'react';
import { ok } from '@/api/http';
import { askChat, type ChatEvent, stopChat } from './service';

export type Paid = { provider: string; name: string };
export type Message = {
  id: number | string;
  query: string;
  answer: string;
  state: 'answering' | 'done' | 'waiting' | 'stopped' | 'failed';
  error?: { code: string; message: string };
  run: string | null;
  paid: Paid[];
  /** What the chat API calls it. */
  served?: string | null;
};

/** The message after one more event. */
export function after(message: Message, event: ChatEvent): Message {
  switch (event.kind) {
    case 'started':
      return { ...message, run: event.run ?? message.run, served: event.message ?? message.served ?? null };
    case 'paid':
      return message.paid.some((key) => key.name === event.name && key.provider === event.provider) ? message : { ...message, paid: [...message.paid, { provider: event.provider, name: event.name }] };
    case 'text':
      return { ...message, answer: message.answer + event.text };
    case 'waiting':
      return { ...message, state: 'waiting' };
    case 'failed':
      return { ...message, state: 'failed', error: { code: event.code, message: event.message } };
    case 'done':
      return { ...message, state: 'done', answer: event.answer ?? message.answer };
  }
}

async function paidOf(run: string): Promise<Paid[]> {
  const calls = await ok(listModelCallsOfRun({ path: { id: run }, query: { limit: 100 } }));
  const keys = new Map(calls.data.flatMap((call) => (call.credential_name ? [[`${call.provider}/${call.credential_name}`, { provider: call.provider, name: call.credential_name }]] : [])));
  return [...keys.values()];
}

type Options = { workflow: string; user: string; conversations: boolean; conversation: string | null; onConversation: (id: string) => void };

export function useChat({ workflow, user, conversations, conversation, onConversation }: Options) {
  const [messages, setMessages] = useState<Message[]>([]);
  const abort = useRef<AbortController | null>(null);
  const stopId = useRef<string | null>(null);
  const next = useRef(0);
  const change = (id: number, how: (message: Message) => Message) => setMessages((all) => all.map((message) => (message.id === id ? how(message) : message)));

  async function send(query: string, inputs: Record<string, unknown>) {
    next.current += 1;
    const id = next.current;
    const signal = new AbortController();
    abort.current = signal;
    let run: string | null = null;
    setMessages((all) => [...all, { id, query, answer: '', state: 'answering', run: null, paid: [] }]);
    try {
      for await (const event of askChat({ workflow, query, inputs, conversation, user, signal: signal.signal }, conversations)) {
        if (event.kind === 'started') {
          stopId.current = event.stop;
          run = event.run;
          if (event.conversation && event.conversation !== conversation) onConversation(event.conversation);
        }
        change(id, (message) => after(message, event));
      }
      if (signal.signal.aborted) change(id, (message) => ({ ...message, state: 'stopped' }));
      else change(id, (message) => (message.state === 'answering' ? { ...message, state: 'done' } : message));
      if (run && conversations) {
        const paid = await paidOf(run).catch(() => []);
        change(id, (message) => ({ ...message, paid }));
      }
    } catch (error) {
      const said = error instanceof Error ? error : new Error(String(error));
      change(id, (message) => ({ ...message, state: 'failed', error: { code: 'code' in said ? String(said.code) : '', message: said.message } }));
    }
  }

  /** The run is told to stop, and what has come so far stays. */
  async function stop() {
    const task = stopId.current;
    if (task) await (conversations ? stopChat(workflow, task, user) : ok(stopRun({ path: { id: task } }))).catch(() => undefined);
    abort.current?.abort();
  }

  return { messages, setMessages, send, stop, busy: messages.some((message) => message.state === 'answering') };
}
