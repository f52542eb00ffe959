import { Page } from '@/components/Page';

export function EditorPage() {
  return (
    <Page title="Editor">
      <p className="t2">Editor</p>
    </Page>
  );
}
