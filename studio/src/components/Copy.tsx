import { Check, Copy as CopyIcon } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from './Button';
import { toast } from './Toast';

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Copies the text; the tick stays until the pointer leaves. */
export function CopyButton({ text, label, children }: { text: string; label?: string; children?: string }) {
  const { t } = useTranslation('common');
  const [done, setDone] = useState(false);
  const copy = async () => {
    const copied = await copyText(text);
    setDone(copied);
    if (!copied) toast(t('copy.failed'), { tone: 'warn' });
  };
  const icon = done ? Check : CopyIcon;
  const shared = { icon, size: 'sm' as const, onClick: () => void copy(), onPointerLeave: () => setDone(false), onBlur: () => setDone(false) };
  return children ? <Button {...shared}>{children}</Button> : <IconButton {...shared} label={done ? t('copy.done') : (label ?? t('copy.label'))} />;
}
