import { describe, expect, it } from 'vitest';
import { fromRun, fromService } from './service';

describe('events of the chat API', () => {
  it.each([
    [{ event: 'workflow_started', task_id: 't', workflow_run_id: 'r', conversation_id: 'c' }, [{ kind: 'started', run: 'r', conversation: 'c', stop: 't', message: null }]],
    [{ event: 'message', answer: 'Hi', conversation_id: 'c' }, [{ kind: 'text', text: 'Hi' }]],
    [{ event: 'message_replace', answer: 'Other' }, [{ kind: 'done', answer: 'Other' }]],
    [{ event: 'error', code: 'provider_not_initialize', message: 'credential_missing: …' }, [{ kind: 'failed', code: 'provider_not_initialize', message: 'credential_missing: …' }]],
    [{ event: 'message_end' }, [{ kind: 'done', answer: null }]],
    [{ event: 'node_started' }, []],
  ])('%j', (data, expected) => expect(fromService(data)).toEqual(expected));
});

describe('events of a run', () => {
  it.each([
    ['run_started', { run_id: 'r' }, [{ kind: 'started', run: 'r', conversation: null, stop: 'r' }]],
    ['model_call', { resolution: { provider: 'openai', credential_name: 'acme' } }, [{ kind: 'paid', provider: 'openai', name: 'acme' }]],
    ['model_call', { resolution: { provider: 'simulated', credential_name: null } }, []],
    ['run_finished', { status: 'failed', error: { code: 'budget_exceeded', message: 'spent' } }, [{ kind: 'failed', code: 'budget_exceeded', message: 'spent' }]],
    ['run_finished', { status: 'succeeded', outputs: { answer: 'Hi' } }, [{ kind: 'done', answer: 'Hi' }]],
    ['ping', {}, []],
  ])('%s %j', (name, data, expected) => expect(fromRun(name, data)).toEqual(expected));
});
