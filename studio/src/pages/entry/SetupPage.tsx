import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Check } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sessionQuery, setupQuery } from '@/api/session';
import { Icon } from '@/components/Icon';
import { cx } from '@/util/cx';
import { AccountStep } from './AccountStep';
import { EntryFrame } from './EntryFrame';
import { KeyStep } from './KeyStep';
import { WorkflowStep } from './WorkflowStep';

const steps = ['account', 'key', 'workflow'] as const;
type Step = (typeof steps)[number];

function Steps({ at }: { at: Step }) {
  const { t } = useTranslation('entry');
  const now = steps.indexOf(at);
  return (
    <ol className="row wrap mb-6 gap-5" aria-label={t('setup.steps')}>
      {steps.map((step, index) => (
        <li key={step} className={cx('setup-step', index < now && 'done', index === now && 'on')} aria-current={index === now ? 'step' : undefined}>
          <span className="n">{index < now ? <Icon of={Check} size="xs" /> : index + 1}</span>
          {t(`setup.step.${step}`)}
        </li>
      ))}
    </ol>
  );
}

/** The first start: the owner's account, a key, a workflow. The step is in the address, so that reloading goes on. */
export function SetupPage() {
  const { t } = useTranslation('entry');
  const search = useSearch({ from: '/setup' });
  const navigate = useNavigate({ from: '/setup' });
  const client = useQueryClient();
  const { data: setup } = useQuery(setupQuery);
  const { data: session } = useQuery(sessionQuery);
  const [named, setNamed] = useState<string | null>(null);
  const wanted = steps.find((step) => step === search.step);
  const at: Step = session ? (wanted ?? 'key') : 'account';
  const go = (step: Step) => void navigate({ search: { step }, replace: true });
  if (setup && !setup.needed && !session) {
    return (
      <EntryFrame title={t('setup.done')} sub={t('setup.doneText')}>
        <a className="btn p lg" href="/login">
          {t('login.in')}
        </a>
      </EntryFrame>
    );
  }
  const text = { account: [t('setup.account'), t('setup.accountSub')], key: [t('setup.key'), t('setup.keySub')], workflow: [t('setup.workflow'), t('setup.workflowSub')] }[at];
  return (
    <EntryFrame title={text[0] ?? ''} sub={text[1]} above={<Steps at={at} />} level={at === 'account' ? undefined : { level: 'workspace_default', name: named ?? 'openai-main' }}>
      {at === 'account' && (
        <AccountStep
          token={search.token ?? ''}
          onDone={(made) => {
            client.setQueryData(sessionQuery.queryKey, made);
            client.setQueryData(setupQuery.queryKey, { needed: false });
            go('key');
          }}
        />
      )}
      {at === 'key' && <KeyStep onName={setNamed} onDone={() => go('workflow')} />}
      {at === 'workflow' && <WorkflowStep />}
    </EntryFrame>
  );
}
