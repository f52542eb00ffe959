import { Page } from '@/components/Page';

export function ListPage() {
  return (
    <Page title="Workflows">
      <p className="t2">Workflows</p>
    </Page>
  );
}
