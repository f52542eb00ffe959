import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { credentialsQuery } from '@/api/queries';
import { CredentialName, last4 } from '@/components/CredentialName';
import { Note } from '@/components/Note';
import { State } from '@/components/State';
import type { Message, Paid } from './use-chat';

/** A question and its answer, with who paid for it under it. */
export function MessageView({ message }: { message: Message }) {
  const { t } = useTranslation('chat');
  const { data: credentials } = useQuery(credentialsQuery);
  const four = (key: Paid) => {
    const found = credentials?.find((credential) => credential.provider === key.provider && credential.name === key.name);
    return found ? last4(found) : null;
  };
  return (
    <article className="col gap-3">
      <p className="ml-auto max-w-[85%] whitespace-pre-wrap rounded-[12px] bg-accent-soft px-3.5 py-2 text-[13.5px]" dir="auto">
        {message.query}
      </p>
      {message.answer && (
        <p className="max-w-[92%] whitespace-pre-wrap text-[13.5px] leading-relaxed" dir="auto">
          {message.answer}
        </p>
      )}
      {message.state === 'answering' && <State name={message.answer ? 'streaming' : 'running'} />}
      {message.state === 'waiting' && <State name="paused" />}
      {message.state === 'stopped' && <State name="stopped" />}
      {message.state === 'failed' && (
        <Note tone="err" role="alert" title={t('failed')}>
          {message.error?.message} {message.error?.code && <code>{message.error.code}</code>}
        </Note>
      )}
      {(message.paid.length > 0 || message.run) && (
        <footer className="row wrap sm t3">
          {message.paid.map((key) => (
            <CredentialName key={`${key.provider}/${key.name}`} as="chip" provider={key.provider} name={key.name} last4={four(key)} />
          ))}
          {message.paid.length > 0 && <span>{t('paid')}</span>}
          {message.run && (
            <Link className="link" to="/runs/$id" params={{ id: message.run }} search={{}}>
              {t('why')}
            </Link>
          )}
        </footer>
      )}
    </article>
  );
}
