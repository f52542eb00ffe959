import type { RunView } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CalendarClock, CircleX, KeyRound, ListPlus, RotateCcw, Wallet } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { credentialsQuery } from '@/api/queries';
import { buttonClass } from '@/components/Button';
import { CredentialName, last4 } from '@/components/CredentialName';
import { CopyButton } from '@/components/Copy';
import { Icon } from '@/components/Icon';
import { WhyThisKey } from '@/components/WhyThisKey';
import type { Row } from '@/editor/document/run/waterfall';
import { budgetAmounts } from '@/util/budget';
import { dateTime, roughly } from '@/util/format';
import { useMinutes } from '@/util/now';
import { tightest } from '@/util/credential-state';

/** Why a run failed, in a sentence, and the ways out of it. */
export function Happened({ run, row }: { run: RunView; row: Row | undefined }) {
  const { t } = useTranslation('run');
  const { data: credentials } = useQuery(credentialsQuery);
  const now = useMinutes();
  const failure = row?.execution.error;
  const story = failure?.credential;
  const code = story?.code ?? run.error?.code ?? '';
  const credential = credentials?.find((each) => each.id === story?.credential_id || each.name === story?.credential_name);
  const name = story?.credential_name ?? story?.selector_rendered ?? '';
  const budget = credential === undefined ? undefined : tightest(credential.budgets);
  const nodeTitle = row?.title ?? run.error?.node_id ?? '';
  const sentence = t(`happened.${code}`, { defaultValue: '', name, node: nodeTitle });
  const budgetCase = code === 'credential_budget_exceeded';
  const shown = budget === undefined ? null : budgetAmounts(budget);
  const spent = budgetCase && budget !== undefined && shown !== null ? t('happened.spent', { ...shown, context: budget.period }) : '';
  const missing = code === 'credential_not_found' || code === 'credential_missing';
  const node = row?.node ?? run.error?.node_id ?? undefined;
  const openNode = (
    <Link to="/workflows/$id" params={{ id: run.workflow_id }} search={node === undefined ? {} : { node }} className={buttonClass({})}>
      {t('happened.open')}
    </Link>
  );
  return (
    <div className="two">
      <div className="col g16 min-w-0">
        <section className="card happened">
          <div className="top1">
            <Icon of={CircleX} className="text-err-glyph" size="l" />
            <div className="min-w-0">
              <h2>{sentence || t('happened.failed', { node: nodeTitle, context: nodeTitle === '' ? 'run' : undefined })}</h2>
              {name !== '' && (
                <p className="my-1">
                  <CredentialName as="chip" bad provider={credential?.provider ?? row?.calls[0]?.provider ?? ''} name={name} last4={credential === undefined ? undefined : last4(credential)} /> {spent} {story != null && t('happened.noOther')}
                </p>
              )}
              {(story == null || sentence === '') && <p className="whitespace-pre-wrap break-words">{failure?.message ?? run.error?.message}</p>}
              <p className="mt-1.5 sm">
                <code className="text-err">{code}</code> {node !== undefined && <>{t('happened.at')} <code>{node}</code></>}
                {story?.level != null && <>, {t('happened.level')} <code>{story.level}</code></>}
              </p>
            </div>
          </div>
          {budgetCase && (
            <div className="exit">
              <Icon of={Wallet} className="t2" />
              <div className="grow">
                <b>{t('happened.raise')}</b>
                <p className="t2 sm">{t('happened.raiseText')}</p>
              </div>
              {credential !== undefined && (
                <Link to="/credentials/$id" params={{ id: credential.id }} className={buttonClass({})}>
                  {t('happened.budget')}
                </Link>
              )}
            </div>
          )}
          {missing && (
            <div className="exit">
              <Icon of={KeyRound} className="t2" />
              <div className="grow">
                <b>{t('happened.add')}</b>
                <p className="t2 sm">{name === '' ? t('happened.addText') : t('happened.addNamed', { name })}</p>
              </div>
              <Link to="/credentials" search={{ new: row?.calls[0]?.provider ?? 'credential', ...(name === '' ? {} : { name }) }} className={buttonClass({})}>
                {t('happened.addKey')}
              </Link>
            </div>
          )}
          {story != null && !missing && !budgetCase && credential !== undefined && (
            <div className="exit">
              <Icon of={KeyRound} className="t2" />
              <div className="grow">
                <b>{t('happened.look')}</b>
                <p className="t2 sm">{t('happened.lookText')}</p>
              </div>
              <Link to="/credentials/$id" params={{ id: credential.id }} className={buttonClass({})}>
                {t('happened.openKey')}
              </Link>
            </div>
          )}
          {story != null && (
            <div className="exit">
              <Icon of={ListPlus} className="t2" />
              <div className="grow">
                <b>{t('happened.fallback')}</b>
                <p className="t2 sm">{t('happened.fallbackText')}</p>
              </div>
              {openNode}
            </div>
          )}
          {budgetCase && budget?.resets_at != null && (
            <div className="exit">
              <Icon of={CalendarClock} className="t2" />
              <div className="grow">
                <b>{t('happened.wait')}</b>
                <p className="t2 sm">{t('happened.waitText', { time: dateTime(budget.resets_at) })}</p>
              </div>
              <span className="t2 sm nw">{t('happened.in', { time: roughly(Date.parse(budget.resets_at) - now) })}</span>
            </div>
          )}
          {story == null && (
            <div className="exit">
              <Icon of={RotateCcw} className="t2" />
              <div className="grow">
                <b>{t('happened.change')}</b>
                <p className="t2 sm">{t('happened.changeText')}</p>
              </div>
              {openNode}
            </div>
          )}
        </section>
        {row !== undefined && row.execution.inputs != null && (
          <section className="card">
            <div className="hd">
              <h2 className="grow">{t('happened.input', { node: row.title })}</h2>
              <CopyButton text={JSON.stringify(row.execution.inputs, null, 2)} />
            </div>
            <div className="bd">
              <pre className="code">{JSON.stringify(row.execution.inputs, null, 2)}</pre>
            </div>
          </section>
        )}
      </div>
      <WhyThisKey failure={story} title={nodeTitle} provider={credential?.provider ?? row?.calls[0]?.provider} last4={credential === undefined ? undefined : last4(credential)} />
    </div>
  );
}
