import { Page } from '@/components/Page';

export function ApiPage() {
  return (
    <Page title="API">
      <p className="t2">API</p>
    </Page>
  );
}
