import { Page } from '@/components/Page';

export function ListPage() {
  return (
    <Page title="Runs">
      <p className="t2">Runs</p>
    </Page>
  );
}
