import { Icon } from '@/components/Icon';
import { cx } from '@/util/cx';
import { familyOf, isKnownKind } from '../document/kinds';
import { iconOf } from './icons';

/** The coloured tile of a node type: its family by colour, its type by drawing. */
export function Tile({ kind, small }: { kind: string; small?: boolean }) {
  return (
    <span className={cx('fam', isKnownKind(kind) ? familyOf(kind) : 'flow', small && 'tiny')}>
      <Icon of={iconOf(kind)} size={small ? 'xs' : 'm'} />
    </span>
  );
}
