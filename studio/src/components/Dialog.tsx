import { type LucideIcon, X } from 'lucide-react';
import { AlertDialog, Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '@/util/cx';
import { Button, IconButton } from './Button';
import { Icon } from './Icon';

type Props = {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  sub?: ReactNode;
  icon?: LucideIcon;
  children: ReactNode;
  footer?: ReactNode;
  /** Width in px; on phones it is a sheet at the bottom. */
  width?: number;
  /** Typed things would be lost: closing asks first. */
  dirty?: boolean;
  side?: boolean;
};

export function Dialog({ open, onClose, title, sub, icon, children, footer, width = 560, dirty, side }: Props) {
  const { t } = useTranslation('common');
  const close = () => {
    if (!dirty || window.confirm(t('dialog.lose'))) onClose();
  };
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && close()}>
      <Radix.Portal>
        <Radix.Overlay className="scrim" />
        <Radix.Content className={cx('dlg', side && 'side-sheet')} style={{ width }} aria-describedby={undefined} onOpenAutoFocus={focusFirst} onInteractOutside={(event) => dirty && event.preventDefault()}>
          <span className="grab only-m" />
          <div className="dh">
            {icon && (
              <span className="dicon">
                <Icon of={icon} />
              </span>
            )}
            <div className="grow">
              <Radix.Title className="dtitle">{title}</Radix.Title>
              {sub && <p className="t2 sm mt-0.5">{sub}</p>}
            </div>
            <IconButton icon={X} label={t('close')} onClick={close} />
          </div>
          <div className="db">{children}</div>
          {footer && <div className="df">{footer}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** The first field, else the dialog itself: never its close button. */
function focusFirst(event: Event) {
  const content = event.currentTarget;
  if (!(content instanceof HTMLElement)) return;
  event.preventDefault();
  const field = content.querySelector<HTMLElement>('[autofocus], input:not([type=file]):not([disabled]), textarea, select');
  (field ?? content).focus();
}

type ConfirmProps = {
  open: boolean;
  onClose: () => void;
  onConfirm: () => void;
  title: string;
  children: ReactNode;
  /** The verb. */
  action: string;
  busy?: boolean;
};

/** The one place where a danger button is filled. */
export function ConfirmDialog({ open, onClose, onConfirm, title, children, action, busy }: ConfirmProps) {
  const { t } = useTranslation('common');
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="scrim" />
        <AlertDialog.Content className="dlg" style={{ width: 440 }}>
          <div className="dh">
            <AlertDialog.Title className="dtitle">{title}</AlertDialog.Title>
          </div>
          <AlertDialog.Description asChild>
            <div className="db t2">{children}</div>
          </AlertDialog.Description>
          <div className="df justify-end">
            <AlertDialog.Cancel asChild>
              <Button kind="ghost">{t('cancel')}</Button>
            </AlertDialog.Cancel>
            <Button kind="danger-filled" busy={busy} onClick={onConfirm}>
              {action}
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
