import { Page } from '@/components/Page';

export function DetailPage() {
  return (
    <Page title="Credential">
      <p className="t2">Credential</p>
    </Page>
  );
}
