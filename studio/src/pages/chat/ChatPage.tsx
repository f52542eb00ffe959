import { Page } from '@/components/Page';

export function ChatPage() {
  return (
    <Page title="Chat">
      <p className="t2">Chat</p>
    </Page>
  );
}
