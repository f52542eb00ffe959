import { getDraft, type WorkflowView } from '@latchkey/client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { MessageSquareText, Plus, Send, Square } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { isStatus } from '@/api/problem';
import { workflowQuery } from '@/api/queries';
import { useMay, useSession } from '@/api/session';
import { Button, buttonClass } from '@/components/Button';
import { Empty } from '@/components/Empty';
import { useForbidden } from '@/components/May';
import { Note } from '@/components/Note';
import { NothingHere } from '@/components/NothingHere';
import { Page } from '@/components/Page';
import { ProblemNote } from '@/components/Problem';
import { SkeletonBlock } from '@/components/Skeleton';
import { StartFields } from '@/components/StartFields';
import { startInputs, startVariables } from '@/components/start-variables';
import { Time } from '@/components/Time';
import { cx } from '@/util/cx';
import { MessageView } from './MessageView';
import { conversationsOf, hasConversations, leaveChat, messagesOf, openingOf, suggestedAfter } from './service';
import { useChat } from './use-chat';

function Conversations({ workflow, user, current, onOpen }: { workflow: string; user: string; current: string | null; onOpen: (id: string | null) => void }) {
  const { t } = useTranslation('chat');
  const { data, error } = useQuery({ queryKey: ['chat', 'conversations', workflow, user], queryFn: () => conversationsOf(workflow, user), retry: false });
  return (
    <nav className="card hide-m self-start" aria-label={t('conversations')}>
      <div className="hd">
        <h2>{t('conversations')}</h2>
        <span className="end">
          <Button size="sm" icon={Plus} onClick={() => onOpen(null)}>
            {t('new')}
          </Button>
        </span>
      </div>
      {error && <ProblemNote error={error} className="px-3 pb-3" />}
      <ul className="px-2 pb-2">
        {data?.map((conversation) => (
          <li key={conversation.id}>
            <button type="button" className={cx('it-file', conversation.id === current && 'on')} aria-current={conversation.id === current} onClick={() => onOpen(conversation.id)}>
              <span className="ell grow" dir="auto">
                {conversation.name || t('untitled')}
              </span>
              <span className="t3 xs">
                <Time at={new Date(conversation.updated_at * 1000).toISOString()} />
              </span>
            </button>
          </li>
        ))}
        {data?.length === 0 && <li className="t3 px-2 py-1.5">{t('noConversations')}</li>}
      </ul>
    </nav>
  );
}

/** Questions that the app offers: one click asks. */
function Questions({ questions, onAsk }: { questions: string[] | undefined; onAsk: (question: string) => void }) {
  const { t } = useTranslation('chat');
  if (!questions || questions.length === 0) return null;
  return (
    <div className="row wrap g6" role="group" aria-label={t('suggested')}>
      {questions.map((question) => (
        <Button key={question} size="sm" className="!h-auto !whitespace-normal py-1 text-left" onClick={() => onAsk(question)}>
          <span dir="auto">{question}</span>
        </Button>
      ))}
    </div>
  );
}

type ChatProps = { workflow: WorkflowView; keeps: boolean; conversation: string | null; onConversation: (id: string | null) => void };

function Chat({ workflow, keeps, conversation, onConversation }: ChatProps) {
  const { t } = useTranslation('chat');
  const session = useSession();
  const user = `studio-${session.member?.id ?? 'key'}`;
  const client = useQueryClient();
  const forbidden = useForbidden('runs:write');
  const [typed, setTyped] = useState('');
  const [values, setValues] = useState<Record<string, string>>({});
  const end = useRef<HTMLDivElement>(null);
  // The conversation that the messages of this view belong to; a new one has no id before its first answer.
  const [held, setHeld] = useState(conversation);
  const chat = useChat({
    workflow: workflow.id,
    user,
    conversations: keeps,
    conversation: held,
    onConversation: (id) => {
      setHeld(id);
      onConversation(id);
      void client.invalidateQueries({ queryKey: ['chat', 'conversations'] });
    },
  });
  const { data: draft } = useQuery({ queryKey: ['draft', 'inputs', workflow.id], queryFn: () => ok(getDraft({ path: { id: workflow.id } })), staleTime: 30_000 });
  const past = useQuery({ queryKey: ['chat', 'messages', conversation], enabled: keeps && !!conversation && chat.messages.length === 0, queryFn: () => messagesOf(workflow.id, user, conversation ?? ''), staleTime: Infinity, retry: false });
  const variables = startVariables(draft);
  const before = (past.data ?? []).map((message) => ({ ...message, run: null, paid: [], state: message.status === 'error' ? ('failed' as const) : ('done' as const), error: message.error ? { code: '', message: message.error } : undefined }));
  const messages = [...before, ...chat.messages];
  const last = messages.at(-1)?.answer.length;
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' });
  }, [messages.length, last]);
  const opening = useQuery({ queryKey: ['chat', 'opening', workflow.id, workflow.published_version], enabled: keeps, queryFn: () => openingOf(workflow.id), staleTime: 60_000, retry: false });
  const answered = chat.messages.at(-1);
  const served = answered?.state === 'done' ? answered.served : null;
  const followUps = useQuery({
    queryKey: ['chat', 'suggested', served],
    enabled: keeps && opening.data?.after === true && !!served,
    queryFn: () => suggestedAfter(workflow.id, user, served ?? ''),
    staleTime: Infinity,
    retry: false,
  });
  const ask = (query: string) => {
    if (!query || chat.busy || forbidden) return;
    void chat.send(query, startInputs(variables, values));
  };
  const send = () => {
    if (chat.busy || forbidden) return;
    ask(typed.trim());
    setTyped('');
  };
  return (
    <section className="card flex min-h-[calc(100vh-190px)] sm:min-h-[calc(100vh-116px)] min-w-0 flex-col" aria-label={t('title')}>
      {!keeps && (
        <Note tone="info" className="m-3 mb-0" title={t('alone')}>
          {t('aloneText')}
        </Note>
      )}
      {variables.length > 0 && (
        <details className="more-fields border-b border-line px-4 py-3" open={messages.length === 0}>
          <summary>{t('inputs')}</summary>
          <div className="mt-3 grid gap-3 sm:grid-cols-2">
            <StartFields variables={variables} values={values} onValues={setValues} />
          </div>
        </details>
      )}
      <div className="grow overflow-y-auto px-4 py-4" role="log" aria-live="polite" aria-label={t('messages')} tabIndex={0}>
        {past.error && <ProblemNote error={past.error} />}
        {messages.length === 0 && !past.isFetching && (
          <Empty icon={MessageSquareText} title={t('empty')} actions={<Questions questions={opening.data?.questions} onAsk={ask} />}>
            <span className="whitespace-pre-wrap" dir="auto">
              {opening.data?.statement || workflow.description || t('emptyText')}
            </span>
          </Empty>
        )}
        <div className="col mx-auto max-w-[760px] gap-5">
          {messages.map((message) => (
            <MessageView key={message.id} message={message} />
          ))}
          {!chat.busy && <Questions questions={followUps.data} onAsk={ask} />}
          <div ref={end} />
        </div>
      </div>
      <form
        className="chat-form"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <textarea
          className="inp grow !min-h-9 !resize-none"
          rows={Math.min(6, typed.split('\n').length)}
          aria-label={t('message')}
          placeholder={t('message')}
          dir="auto"
          value={typed}
          disabled={!!forbidden}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        {chat.busy ? (
          <Button size="lg" icon={Square} onClick={() => void chat.stop()}>
            {t('stop')}
          </Button>
        ) : (
          <Button size="lg" kind="primary" icon={Send} type="submit" forbidden={forbidden}>
            {t('send')}
          </Button>
        )}
      </form>
    </section>
  );
}

export function ChatPage() {
  const { t } = useTranslation(['chat', 'common']);
  const { id } = useParams({ from: '/inside/workflows/$id/chat' });
  const { conversation } = useSearch({ from: '/inside/workflows/$id/chat' });
  const navigate = useNavigate({ from: '/workflows/$id/chat' });
  const session = useSession();
  const mayMakeKeys = useMay('api_keys:write');
  const workflow = useQuery(workflowQuery(id));
  const service = useQuery({ queryKey: ['chat', 'service'], queryFn: hasConversations, staleTime: Infinity });
  const [shown, setShown] = useState(0);
  useEffect(() => {
    window.addEventListener('pagehide', leaveChat);
    return () => {
      window.removeEventListener('pagehide', leaveChat);
      leaveChat();
    };
  }, []);
  if (isStatus(workflow.error, 404) || isStatus(workflow.error, 400)) return <NothingHere />;
  const keeps = service.data === true && mayMakeKeys;
  const open = (next: string | null) => {
    setShown(shown + 1);
    void navigate({ search: next ? { conversation: next } : {}, replace: true });
  };
  return (
    <Page
      title={workflow.data?.name ?? ''}
      crumbs={[{ label: t('workflows'), to: '/workflows' }, { label: workflow.data?.name ?? '', to: '/workflows/$id', params: { id } }, { label: t('title') }]}
      head={
        <h1 className="vh">
          {t('title')}: {workflow.data?.name}
        </h1>
      }
    >
      {workflow.error && <ProblemNote error={workflow.error} retry={() => void workflow.refetch()} />}
      {(workflow.isPending || service.isPending) && <SkeletonBlock height={400} />}
      {workflow.data && !workflow.data.published_version && (
        <Note
          tone="warn"
          className="mb-4"
          title={t('unpublished')}
          action={
            <Link to="/workflows/$id" params={{ id }} search={{}} className={buttonClass({ size: 'sm' })}>
              {t('toEditor')}
            </Link>
          }
        >
          {t('unpublishedText')}
        </Note>
      )}
      {workflow.data && workflow.data.mode !== 'advanced-chat' && <Note tone="warn" title={t('noChat')} className="mb-4" />}
      {workflow.data?.published_version && workflow.data.mode === 'advanced-chat' && service.isSuccess && (
        <div className={cx(keeps && 'grid items-stretch gap-4 sm:grid-cols-[240px_minmax(0,1fr)]')}>
          {keeps && <Conversations workflow={id} user={`studio-${session.member?.id ?? 'key'}`} current={conversation ?? null} onOpen={open} />}
          <Chat key={shown} workflow={workflow.data} keeps={keeps} conversation={conversation ?? null} onConversation={(next) => void navigate({ search: next ? { conversation: next } : {}, replace: true })} />
        </div>
      )}
    </Page>
  );
}
