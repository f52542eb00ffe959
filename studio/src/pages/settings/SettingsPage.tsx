import { Page } from '@/components/Page';

export function SettingsPage() {
  return (
    <Page title="Settings">
      <p className="t2">Settings</p>
    </Page>
  );
}
