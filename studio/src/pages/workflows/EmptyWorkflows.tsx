import { importWorkflow } from '@latchkey/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ClipboardPaste, Plus, Sparkles, SquareTerminal, Upload } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { Button } from '@/components/Button';
import { CopyButton } from '@/components/Copy';
import { Icon } from '@/components/Icon';
import { ProblemNote } from '@/components/Problem';
import sampleFile from './sample.yml?raw';

function Drawing() {
  return (
    <svg width="376" height="104" viewBox="0 0 376 104" aria-hidden="true" className="mx-auto max-w-full">
      <g fill="none" stroke="var(--edge)" strokeWidth="1.4">
        <path d="M97 51c22 0 20-28 42-28" />
        <path d="M97 51c22 0 20 30 42 30" />
        <path d="M237 23c22 0 20 28 42 28" />
        <path d="M237 81c22 0 20-30 42-30" />
      </g>
      <g fill="var(--surface)" stroke="var(--line2)" strokeWidth="1.4">
        <rect x="1" y="31" width="96" height="40" rx="8" />
        <rect x="139" y="1" width="98" height="44" rx="8" />
        <rect x="139" y="60" width="98" height="43" rx="8" strokeDasharray="4 4" />
        <rect x="279" y="31" width="96" height="40" rx="8" />
      </g>
      <g fill="var(--line)">
        <rect x="32" y="48" width="50" height="6" rx="3" />
        <rect x="170" y="12" width="50" height="6" rx="3" />
        <rect x="170" y="79" width="50" height="6" rx="3" />
        <rect x="310" y="48" width="50" height="6" rx="3" />
      </g>
      <rect x="13" y="44" width="13" height="14" rx="3" fill="var(--text3)" />
      <rect x="290" y="44" width="14" height="14" rx="3" fill="var(--text3)" />
      <rect x="150" y="8" width="14" height="14" rx="3" fill="var(--accent)" />
      <rect x="150" y="75" width="14" height="14" rx="3" fill="var(--line2)" />
      <rect x="150" y="26" width="76" height="12" rx="3" fill="var(--key-soft)" stroke="var(--key-line)" />
      <g stroke="var(--key-glyph)" strokeWidth="1.4" fill="none">
        <circle cx="157" cy="32" r="2.6" />
        <path d="M160 32h9" />
      </g>
    </svg>
  );
}

type Props = { onFiles: (files: File[]) => void; onPaste: () => void; onNew: () => void; forbidden: string | null };

export function EmptyWorkflows({ onFiles, onPaste, onNew, forbidden }: Props) {
  const { t } = useTranslation('workflows');
  const input = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const client = useQueryClient();
  // The file that a new server begins with.
  const sample = useMutation({
    mutationFn: () => ok(importWorkflow({ body: { content: sampleFile } })),
    onSuccess: ({ workflow }) => {
      void client.invalidateQueries({ queryKey: ['workflows'] });
      if (workflow) void navigate({ to: '/workflows/$id', params: { id: workflow.id } });
    },
  });
  const command = 'latchkey import ./workflows/*.yml';
  return (
    <>
      <div className="rounded-[14px] border border-dashed border-line2 bg-surface px-4 py-12 text-center">
        <Drawing />
        <h2 className="mt-8 text-[17px]">{t('empty.title')}</h2>
        <p className="t2 mx-auto mt-2 max-w-[470px]">{t('empty.text')}</p>
        <div className="row mt-4 justify-center">
          <Button icon={Upload} kind="primary" forbidden={forbidden} onClick={() => input.current?.click()}>
            {t('empty.choose')}
          </Button>
          <Button icon={ClipboardPaste} forbidden={forbidden} onClick={onPaste}>
            {t('empty.paste')}
          </Button>
        </div>
        <input ref={input} type="file" hidden multiple accept=".yml,.yaml,.json" onChange={(event) => event.target.files && onFiles([...event.target.files])} />
      </div>
      <div className="card ways mt-4 grid sm:grid-cols-3">
        <div className="col p-[18px]">
          <h3>
            <Icon of={Sparkles} /> {t('empty.sample')}
          </h3>
          <p className="t2 sm grow">{t('empty.sampleText')}</p>
          {sample.error && <ProblemNote error={sample.error} />}
          <span>
            <Button size="sm" forbidden={forbidden} busy={sample.isPending} onClick={() => sample.mutate()}>
              {t('empty.openSample')}
            </Button>
          </span>
        </div>
        <div className="col p-[18px]">
          <h3>
            <Icon of={Plus} /> {t('empty.blank')}
          </h3>
          <p className="t2 sm grow">{t('empty.blankText')}</p>
          <span>
            <Button size="sm" forbidden={forbidden} onClick={onNew}>
              {t('new')}
            </Button>
          </span>
        </div>
        <div className="col p-[18px]">
          <h3>
            <Icon of={SquareTerminal} /> {t('empty.command')}
          </h3>
          <p className="t2 sm grow">
            <code>{command}</code>
          </p>
          <span>
            <CopyButton text={command}>{t('empty.copy')}</CopyButton>
          </span>
        </div>
      </div>
    </>
  );
}
