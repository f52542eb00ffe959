import { Page } from '@/components/Page';

export function UsagePage() {
  return (
    <Page title="Usage">
      <p className="t2">Usage</p>
    </Page>
  );
}
