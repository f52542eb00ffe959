import { Page } from '@/components/Page';

export function MembersPage() {
  return (
    <Page title="Members">
      <p className="t2">Members</p>
    </Page>
  );
}
