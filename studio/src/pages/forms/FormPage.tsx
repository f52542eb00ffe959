import { Page } from '@/components/Page';

export function FormPage() {
  return (
    <Page title="Form">
      <p className="t2">Form</p>
    </Page>
  );
}
