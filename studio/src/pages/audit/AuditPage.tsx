import { Page } from '@/components/Page';

export function AuditPage() {
  return (
    <Page title="Audit">
      <p className="t2">Audit</p>
    </Page>
  );
}
