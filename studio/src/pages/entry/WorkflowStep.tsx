import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { FileDown, type LucideIcon, Plus, Sparkles } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { workflowsQuery } from '@/api/queries';
import { Icon } from '@/components/Icon';

function Way({ icon, title, text, onPick }: { icon: LucideIcon; title: string; text: string; onPick: () => void }) {
  return (
    <button type="button" className="way" onClick={onPick}>
      <span className="dicon">
        <Icon of={icon} />
      </span>
      <span>
        <span className="b block">{title}</span>
        <span className="t2 sm">{text}</span>
      </span>
    </button>
  );
}

export function WorkflowStep() {
  const { t } = useTranslation('entry');
  const navigate = useNavigate();
  const { data: workflows } = useQuery(workflowsQuery);
  const sample = workflows?.find((workflow) => workflow.name === 'Sample');
  return (
    <div className="col gap-3">
      <Way icon={FileDown} title={t('setup.import')} text={t('setup.importText')} onPick={() => void navigate({ to: '/workflows', search: { import: 'file' } })} />
      {sample && <Way icon={Sparkles} title={t('setup.sample')} text={t('setup.sampleText')} onPick={() => void navigate({ to: '/workflows/$id', params: { id: sample.id }, search: {} })} />}
      <Way icon={Plus} title={t('setup.empty')} text={t('setup.emptyText')} onPick={() => void navigate({ to: '/workflows', search: { import: 'new' } })} />
    </div>
  );
}
