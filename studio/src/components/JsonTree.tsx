import { ChevronRight, Copy, FileText } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { bytes } from '@/util/format';
import { copyText } from './Copy';
import { Icon } from './Icon';
import { toast } from './Toast';

const LONG = 240;
const MANY = 100;

type Props = { value: unknown; label: string };

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isFile = (value: Record<string, unknown>): boolean => value.dify_model_identity === '__dify__file__' || (typeof value.filename === 'string' && typeof value.mime_type === 'string');

function Text({ text }: { text: string }) {
  const { t } = useTranslation('tree');
  const [open, setOpen] = useState(false);
  if (text.length <= LONG) return <span className="jstr">{JSON.stringify(text)}</span>;
  return (
    <>
      <span className="jstr">{JSON.stringify(open ? text : `${text.slice(0, LONG)}…`)}</span>{' '}
      <button type="button" className="link" onClick={() => setOpen(!open)}>
        {open ? t('less') : t('all', { count: text.length })}
      </button>
    </>
  );
}

function Scalar({ value }: { value: unknown }) {
  if (typeof value === 'string') return <Text text={value} />;
  return <span className="jnum">{JSON.stringify(value) ?? 'null'}</span>;
}

function Item({ name, value, path, depth }: { name: string | number; value: unknown; path: string; depth: number }) {
  const { t } = useTranslation('tree');
  const [open, setOpen] = useState(depth < 2);
  const [most, setMost] = useState(MANY);
  const entries: [string | number, unknown][] = Array.isArray(value) ? value.map((item, index) => [index, item]) : isRecord(value) ? Object.entries(value) : [];
  const branch = Array.isArray(value) || isRecord(value);
  const copy = () => {
    void copyText(path).then((done) => toast(done ? t('copied', { path }) : t('failed'), done ? {} : { tone: 'warn' }));
  };
  return (
    <li className="jitem">
      <div className="jrow">
        {branch && entries.length > 0 ? (
          <button type="button" className="jopen" aria-expanded={open} aria-label={t(open ? 'close' : 'open', { name: String(name) })} onClick={() => setOpen(!open)}>
            <Icon of={ChevronRight} size="xs" className={open ? 'rotate-90' : ''} />
          </button>
        ) : (
          <span className="jopen" />
        )}
        <span className="jkey">{name}</span>
        {isRecord(value) && isFile(value) ? (
          <span className="row g4">
            <Icon of={FileText} size="xs" /> {typeof value.filename === 'string' ? value.filename : t('file')} {typeof value.size === 'number' && value.size >= 0 && <span className="t3">{bytes(value.size)}</span>}
          </span>
        ) : branch ? (
          <span className="t3">{Array.isArray(value) ? `[${entries.length}]` : entries.length === 0 ? '{}' : open ? '' : '{…}'}</span>
        ) : (
          <span className="jval" dir="auto">
            <Scalar value={value} />
          </span>
        )}
        <button type="button" className="jcopy" aria-label={t('path', { path })} title={t('path', { path })} onClick={copy}>
          <Icon of={Copy} size="xs" />
        </button>
      </div>
      {branch && open && entries.length > 0 && (
        <ul>
          {entries.slice(0, most).map(([key, item]) => (
            <Item key={key} name={key} value={item} path={typeof key === 'number' ? `${path}[${key}]` : `${path}.${key}`} depth={depth + 1} />
          ))}
          {entries.length > most && (
            <li>
              <button type="button" className="link sm" onClick={() => setMost(most + MANY)}>
                {t('more', { count: entries.length - most })}
              </button>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

/** A value as a tree: paths can be copied, long texts and long lists are folded, files are shown as files. */
export function JsonTree({ value, label }: Props) {
  const { t } = useTranslation('tree');
  const entries: [string, unknown][] = isRecord(value) ? Object.entries(value) : [['', value]];
  if (isRecord(value) && entries.length === 0) return <p className="t3 sm">{t('empty')}</p>;
  return (
    <ul className="jtree" aria-label={label}>
      {entries.map(([key, item]) => (
        <Item key={key} name={key} value={item} path={key} depth={0} />
      ))}
    </ul>
  );
}
