import { Dialog } from '@/components/Dialog';

export function SignInDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title="Sign in">
      <p>Sign in</p>
    </Dialog>
  );
}
