import { Page } from '@/components/Page';

export function InvitationPage() {
  return (
    <Page title="Invitation">
      <p className="t2">Invitation</p>
    </Page>
  );
}
