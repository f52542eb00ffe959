import { Page } from '@/components/Page';

export function SetupPage() {
  return (
    <Page title="Setup">
      <p className="t2">Setup</p>
    </Page>
  );
}
