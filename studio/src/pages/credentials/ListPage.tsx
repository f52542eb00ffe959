import { Page } from '@/components/Page';

export function ListPage() {
  return (
    <Page title="Credentials">
      <p className="t2">Credentials</p>
    </Page>
  );
}
