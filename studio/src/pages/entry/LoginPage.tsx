import { Page } from '@/components/Page';

export function LoginPage() {
  return (
    <Page title="Login">
      <p className="t2">Login</p>
    </Page>
  );
}
