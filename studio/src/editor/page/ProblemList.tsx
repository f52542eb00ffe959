import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Icon } from '@/components/Icon';
import { useEditor, useEditorState } from '../state/context';

/** `1 problem`: opens the list, and each row jumps to its node. */
export function ProblemList() {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const problems = useEditorState((state) => state.problems);
  const checked = useEditorState((state) => state.checked);
  const [open, setOpen] = useState(false);
  const errors = problems.some((problem) => problem.severity === 'error');
  if (problems.length === 0) {
    return checked ? (
      <span className="st ok hide-t" title={t('problems.none')}>
        <Icon of={CircleCheck} label={t('problems.none')} />
      </span>
    ) : null;
  }
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button kind="ghost" icon={errors ? CircleX : TriangleAlert} className={errors ? 'text-err!' : 'text-warn!'} aria-label={t('problems.count', { count: problems.length })}>
          <span className="hide-m">{t('problems.count', { count: problems.length })}</span>
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="pop probmenu" align="end" sideOffset={6} collisionPadding={8} aria-label={t('problems.title')}>
          <div className="gh row">
            {t('problems.title')}
            {!checked && <span className="end">{t('problems.checking')}</span>}
          </div>
          <ul className="addlist">
            {problems.map((problem, index) => (
              <li key={index}>
                <button
                  type="button"
                  className="it w-full items-start! text-left py-2"
                  disabled={problem.node === undefined}
                  onClick={() => {
                    setOpen(false);
                    if (problem.node !== undefined) editor.select([problem.node]);
                  }}
                >
                  <Icon of={problem.severity === 'error' ? CircleX : TriangleAlert} size="s" className={problem.severity === 'error' ? 'text-err-glyph mt-0.5' : 'text-warn-glyph mt-0.5'} label={t(`problems.${problem.severity}`)} />
                  <span className="min-w-0 grow">
                    {problem.title !== undefined && <b className="block ell">{problem.title}</b>}
                    <span className="t2 sm block">{problem.message}</span>
                    <span className="t3 xs mono">
                      {problem.code}
                      {problem.field !== undefined && ` · ${problem.field}`}
                    </span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
