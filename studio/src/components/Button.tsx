import { LoaderCircle, type LucideIcon } from 'lucide-react';
import type { ComponentProps, MouseEvent, ReactNode } from 'react';
import { cx } from '@/util/cx';
import { Icon } from './Icon';
import { Tooltip } from './Tooltip';

type Kind = 'default' | 'primary' | 'ghost' | 'danger' | 'danger-filled';
type Look = {
  kind?: Kind;
  size?: 'sm' | 'md' | 'lg';
  icon?: LucideIcon;
  /** A spinner takes the icon's place; the button keeps its width and does nothing. */
  busy?: boolean;
  /** Why it may not be pressed. It stays in the order of focus and says so. */
  forbidden?: string | null | false;
};
export type ButtonProps = Look & Omit<ComponentProps<'button'>, 'size'> & { children?: ReactNode };

const kinds: Record<Kind, string> = { default: '', primary: 'p', ghost: 'g', danger: 'd', 'danger-filled': 'df' };

export const buttonClass = ({ kind = 'default', size = 'md', className }: { kind?: Kind; size?: 'sm' | 'md' | 'lg'; className?: string }) =>
  cx('btn', kinds[kind], size !== 'md' && size, className);

export function Button({ kind = 'default', size = 'md', icon, busy, forbidden, children, className, onClick, ...rest }: ButtonProps) {
  const still = busy || !!forbidden;
  const press = (event: MouseEvent<HTMLButtonElement>) => {
    if (still) event.preventDefault();
    else onClick?.(event);
  };
  const drawing = busy ? <Icon of={LoaderCircle} size="s" className="spin" /> : icon && <Icon of={icon} size="s" />;
  const button = (
    <button
      type="button"
      {...rest}
      className={buttonClass({ kind, size, className: cx(!children && 'ic', forbidden && 'off', className) })}
      aria-disabled={still || undefined}
      aria-busy={busy || undefined}
      onClick={press}
    >
      {drawing}
      {children}
    </button>
  );
  return forbidden ? <Tooltip text={forbidden}>{button}</Tooltip> : button;
}

type IconButtonProps = Look & Omit<ComponentProps<'button'>, 'size' | 'children'> & { label: string; icon: LucideIcon };

/** A button without words; the label is its name and its tooltip. */
export function IconButton({ label, kind = 'ghost', forbidden, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={forbidden || label}>
      <Button aria-label={label} kind={kind} {...rest} className={cx('ic', forbidden && 'off', rest.className)} />
    </Tooltip>
  );
}
