import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import { ProblemNote } from '@/components/Problem';

type Props = { title: string; sub?: string; dirty: boolean; busy: boolean; error: unknown; onSave: () => void; onClose: () => void; children: ReactNode; width?: number };

/** A small form over the page: what is typed, what was wrong, save. */
export function EditDialog({ title, sub, dirty, busy, error, onSave, onClose, children, width = 480 }: Props) {
  const { t } = useTranslation('common');
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      sub={sub}
      width={width}
      dirty={dirty}
      footer={
        <>
          <span className="grow" />
          <Button kind="ghost" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button kind="primary" busy={busy} onClick={onSave}>
            {t('save')}
          </Button>
        </>
      }
    >
      <form
        className="col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          onSave();
        }}
      >
        {children}
        {error ? <ProblemNote error={error} /> : null}
        <button type="submit" className="vh" tabIndex={-1} aria-hidden="true" />
      </form>
    </Dialog>
  );
}
