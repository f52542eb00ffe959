import { Page } from '@/components/Page';

export function RunPage() {
  return (
    <Page title="Run">
      <p className="t2">Run</p>
    </Page>
  );
}
