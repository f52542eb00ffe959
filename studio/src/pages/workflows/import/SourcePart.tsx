import { FileCode, Upload } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import { TextAreaField } from '@/components/Field';
import { Icon } from '@/components/Icon';
import { Note } from '@/components/Note';
import type { Source } from './use-import';

/** What the server takes of one body; larger files are refused there too. */
const most = 10 * 1024 * 1024;

async function read(files: File[]): Promise<Source[]> {
  return Promise.all(files.map(async (file, index) => ({ id: `${index}-${file.name}-${file.size}`, name: file.name, size: file.size, content: await file.text() })));
}

type Props = { files: File[]; paste: boolean; onSources: (sources: Source[]) => void; onClose: () => void };

/** Where the file comes from: dropped, chosen, or pasted. */
export function SourcePart({ files, paste, onSources, onClose }: Props) {
  const { t } = useTranslation(['workflows', 'common']);
  const [pasted, setPasted] = useState('');
  const [tooLarge, setTooLarge] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const take = async (chosen: File[]) => {
    const large = chosen.find((file) => file.size > most);
    if (large) setTooLarge(large.name);
    else onSources(await read(chosen));
  };
  useEffect(() => {
    let gone = false;
    const fit = files.every((file) => file.size <= most);
    if (files.length > 0 && fit) void read(files).then((sources) => !gone && onSources(sources));
    return () => {
      gone = true;
    };
  }, [files, onSources]);
  const usePasted = () => onSources([{ id: 'pasted', name: t('pasted'), size: new Blob([pasted]).size, content: pasted }]);
  return (
    <Dialog
      open
      onClose={onClose}
      icon={FileCode}
      title={t('import')}
      sub={t('importSub')}
      width={640}
      dirty={pasted !== ''}
      footer={
        <>
          <span className="grow" />
          <Button kind="ghost" onClick={onClose}>
            {t('common:cancel')}
          </Button>
          <Button kind="primary" forbidden={pasted.trim() ? null : t('pasteFirst')} onClick={usePasted}>
            {t('readPasted')}
          </Button>
        </>
      }
    >
      <div className="col gap-4">
        {tooLarge && (
          <Note tone="err" title={t('tooLarge', { name: tooLarge })} role="alert">
            {t('tooLargeText')}
          </Note>
        )}
        <button
          type="button"
          className="rounded-[10px] border border-dashed border-line2 bg-sunken p-8 text-center hover:border-text3"
          onClick={() => input.current?.click()}
          onDragOver={(event) => event.preventDefault()}
          onDrop={(event) => {
            event.preventDefault();
            event.stopPropagation();
            void take([...event.dataTransfer.files]);
          }}
        >
          <Icon of={Upload} className="t2" /> <span className="b">{t('chooseOrDrop')}</span>
          <span className="t3 sm mt-1 block">{t('formats')}</span>
        </button>
        <input ref={input} type="file" hidden multiple accept=".yml,.yaml,.json" aria-label={t('chooseOrDrop')} onChange={(event) => void take([...(event.target.files ?? [])])} />
        <TextAreaField label={t('pasteLabel')} mono rows={8} value={pasted} autoFocus={paste} placeholder={'app:\n  name: …\nkind: app\nversion: 0.6.0'} onChange={(event) => setPasted(event.target.value)} />
      </div>
    </Dialog>
  );
}
