import { type CredentialView, type CredentialVersionView, rollBackCredential } from '@latchkey/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, RefreshCw, Shredder, Timer, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { Button } from '@/components/Button';
import { ConfirmDialog } from '@/components/Dialog';
import { Icon } from '@/components/Icon';
import { useForbidden } from '@/components/May';
import { ProblemNote } from '@/components/Problem';
import { dateTime, roughly } from '@/util/format';
import { useMinutes } from '@/util/now';
import { lastFour, overlapping, versionsQuery } from './versions';

const percent = (part: number) => `${Math.max(0, Math.min(100, part * 100))}%`;

/** Two versions on one line of time: the old one hatched until it ends, the new one from when it pays. */
function Line({ before, current, now }: { before: CredentialVersionView; current: CredentialVersionView; now: number }) {
  const { t } = useTranslation('credentials');
  const from = Date.parse(before.replaced_at ?? '') || now;
  const until = before.usable_until ? Date.parse(before.usable_until) : now + (now - from) * 0.6 + 3_600_000;
  const span = Math.max(until - from, 60_000);
  const start = from - span * 0.9;
  const end = until + span * 0.4;
  const at = (time: number) => percent((time - start) / (end - start));
  return (
    <div className="num sm relative mb-2 mt-0.5 h-[78px]" aria-hidden="true">
      <div className="absolute inset-x-0 top-6 h-3.5 rounded-1 bg-sunken shadow-[inset_0_0_0_1px_var(--line)]" />
      <div className="rot-old" style={{ width: at(until) }} />
      <div className="rot-new" style={{ left: at(from) }} />
      <div className="rot-now" style={{ left: at(now) }} />
      <span className="rot-nowword" style={{ left: at(now) }}>
        {t('now')}
      </span>
      <span className="rot-tag old">
        v{before.version} ··{lastFour(before)}
      </span>
      <span className="rot-tag new" style={{ left: `calc(${at(from)} + 8px)` }}>
        v{current.version} ··{lastFour(current)}
      </span>
      <span className="t3 xs rot-date" style={{ left: at(from) }}>
        {dateTime(new Date(from))}
      </span>
      {before.usable_until && (
        <span className="t3 xs hide-m rot-date" style={{ left: at(until) }}>
          {dateTime(before.usable_until)}
        </span>
      )}
    </div>
  );
}

export function RotationCard({ credential }: { credential: CredentialView }) {
  const { t } = useTranslation('credentials');
  const now = useMinutes();
  const client = useQueryClient();
  const forbidden = useForbidden('credentials:write');
  const [goingBack, setGoingBack] = useState(false);
  const { data: versions } = useQuery(versionsQuery(credential.id));
  const back = useMutation({
    mutationFn: () => ok(rollBackCredential({ path: { id: credential.id } })),
    onSuccess: async () => {
      setGoingBack(false);
      await client.invalidateQueries({ queryKey: ['credentials'] });
    },
  });
  const before = overlapping(versions);
  const current = versions?.find((version) => version.state === 'current');
  if (!versions || !current) return null;
  const ended = versions.filter((version) => version.state === 'destroyed').slice(0, 3);
  if (!before && ended.length === 0) return null;
  return (
    <section className="card">
      <div className="hd wrap">
        <h2>{t('rotation')}</h2>
        {before && (
          <span className="st pill run">
            <Icon of={RefreshCw} /> {before.usable_until ? t('overlapLeft', { time: roughly(Date.parse(before.usable_until) - now) }) : t('overlapProven')}
          </span>
        )}
        {before && (
          <span className="end">
            <Button size="sm" icon={Undo2} forbidden={forbidden} onClick={() => setGoingBack(true)}>
              {t('rollBack', { version: before.version })}
            </Button>
          </span>
        )}
      </div>
      <div className="bd">
        {before && <Line before={before} current={current} now={now} />}
        <div className="three grid grid-cols-3 gap-3.5">
          <div>
            <div className="b row g6">
              <Icon of={CircleCheck} size="s" className="text-ok-glyph" /> {t('isCurrent', { version: current.version })}
            </div>
            <div className="t2 sm">
              <code>··{lastFour(current)}</code>
            </div>
          </div>
          {before && (
            <div>
              <div className="b row g6">
                <Icon of={Timer} size="s" /> {t('stillAccepted', { version: before.version })}
              </div>
              <div className="t2 sm">{before.until_proven ? t('untilProven') : t('untilThen')}</div>
            </div>
          )}
          {before && (
            <div>
              <div className="b row g6">
                <Icon of={Shredder} size="s" /> {t('thenShredded')}
              </div>
              <div className="t2 sm">{before.usable_until ? t('shredAt', { time: dateTime(before.usable_until) }) : t('shredThen')}</div>
            </div>
          )}
          {!before &&
            ended.slice(0, 2).map((version) => (
              <div key={version.version}>
                <div className="b row g6">
                  <Icon of={Shredder} size="s" /> {t('shredded', { version: version.version })}
                </div>
                <div className="t2 sm">
                  {version.ended_at && dateTime(version.ended_at)} {version.ended && t(`ended.${version.ended}`)}
                </div>
              </div>
            ))}
        </div>
      </div>
      {before && (
        <ConfirmDialog open={goingBack} onClose={() => setGoingBack(false)} onConfirm={() => back.mutate()} busy={back.isPending} title={t('rollBackTitle', { version: before.version })} action={t('rollBack', { version: before.version })}>
          {t('rollBackText', { old: before.version, new: current.version })}
          {back.error && <ProblemNote error={back.error} className="mt-3" />}
        </ConfirmDialog>
      )}
    </section>
  );
}
