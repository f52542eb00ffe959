import { initials } from '@/util/format';

export function Avatar({ name }: { name: string }) {
  return (
    <span className="ava" title={name} aria-hidden="true">
      {initials(name)}
    </span>
  );
}
