import { expect, it } from 'vitest';
import { after, type Message } from './use-chat';

const message: Message = { id: 1, query: 'Hello', answer: '', state: 'answering', run: null, paid: [] };

it('grows by what is streamed, and ends', () => {
  const events = [{ kind: 'started', run: 'r', conversation: 'c', stop: 't' }, { kind: 'text', text: 'Hi' }, { kind: 'text', text: ' there' }, { kind: 'done', answer: null }] as const;
  expect(events.reduce<Message>(after, message)).toMatchObject({ run: 'r', answer: 'Hi there', state: 'done' });
});

it('names each key once', () => {
  const paid = { kind: 'paid', provider: 'openai', name: 'acme' } as const;
  expect([paid, paid, { ...paid, provider: 'anthropic' }].reduce<Message>(after, message).paid).toHaveLength(2);
});

it('keeps what had come when it fails', () => {
  expect(after({ ...message, answer: 'Hi' }, { kind: 'failed', code: 'budget_exceeded', message: 'spent' })).toMatchObject({ answer: 'Hi', state: 'failed', error: { code: 'budget_exceeded' } });
});
