import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { Page } from '@/components/Page';
import { AccountCard } from './AccountCard';
import { BudgetWebhookCard } from './BudgetWebhookCard';
import { DefaultsCard } from './DefaultsCard';
import { MasterKeyCard } from './MasterKeyCard';
import { PricesCard } from './PricesCard';
import { ThisBrowserCard } from './ThisBrowserCard';
import { WorkspaceCard } from './WorkspaceCard';

export function SettingsPage() {
  const { t } = useTranslation('settings');
  const session = useSession();
  return (
    <Page title={t('title')} sub={session.workspace.name}>
      <div className="two">
        <div className="col gap-4">
          <DefaultsCard />
          <PricesCard />
          <BudgetWebhookCard />
        </div>
        <div className="col gap-4">
          <WorkspaceCard />
          {session.member && <AccountCard member={session.member} />}
          <ThisBrowserCard />
          <MasterKeyCard />
        </div>
      </div>
    </Page>
  );
}
