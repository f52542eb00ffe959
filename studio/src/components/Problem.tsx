import { RotateCcw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ApiError, OfflineError } from '@/api/problem';
import { Button } from './Button';
import { CopyButton } from './Copy';
import { Note } from './Note';

/** What went wrong in words; the code's own sentence where there is one, else the server's. */
export function useErrorText(): (error: unknown) => string {
  const { t, i18n } = useTranslation('errors');
  return (error) => {
    if (error instanceof OfflineError) return t('offline');
    if (!(error instanceof ApiError)) return t('unexpected');
    return i18n.exists(`errors:${error.code}`) ? t(error.code, { seconds: error.retryAfter ?? 0 }) : error.message;
  };
}

/** An error at the place that it concerns: sentence, code, request, and a way to try again. */
export function ProblemNote({ error, title, retry, className }: { error: unknown; title?: string; retry?: () => void; className?: string }) {
  const { t } = useTranslation('common');
  const say = useErrorText();
  const known = error instanceof ApiError ? error : null;
  return (
    <div className={className}>
      <Note tone="err" title={title} role="alert">
        {say(error)}{' '}
        {known && (
          <>
            <code>{known.code}</code>
            {known.requestId && (
              <span className="t2 mt-0.5 block">
                {t('request')} <code>{known.requestId}</code> <CopyButton text={known.requestId} label={t('copy.request')} />
              </span>
            )}
          </>
        )}
      </Note>
      {retry && (
        <Button icon={RotateCcw} className="mt-3" onClick={retry}>
          {t('retry')}
        </Button>
      )}
    </div>
  );
}

/** The message that belongs to a field of a form, by the end of its pointer. */
export function fieldError(error: unknown, field: string): string | null {
  if (!(error instanceof ApiError)) return null;
  const item = error.items.find((each) => each.pointer === `/${field}` || each.pointer?.endsWith(`/${field}`) || each.field === field);
  return item ? item.message : null;
}
