import { type CredentialView, rotateCredential } from '@latchkey/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { providersQuery } from '@/api/queries';
import { Button } from '@/components/Button';
import { Switch } from '@/components/Choice';
import { fieldsOf, filled } from '@/components/credentials/form';
import { ValueFields } from '@/components/credentials/ValueFields';
import { Dialog } from '@/components/Dialog';
import { SelectField } from '@/components/Field';
import { ProblemNote } from '@/components/Problem';
import { useMinutes } from '@/util/now';
import { toast } from '@/components/Toast';

const hour = 3_600_000;
const overlaps = { proven: null, hour: hour, day: 24 * hour, week: 7 * 24 * hour, none: 0 } as const;
type Overlap = keyof typeof overlaps;
const isOverlap = (name: string): name is Overlap => name in overlaps;

export function RotateDialog({ credential, onClose }: { credential: CredentialView; onClose: () => void }) {
  const { t } = useTranslation(['credentials', 'common']);
  const { data: providers } = useQuery(providersQuery);
  const provider = providers?.find((each) => each.id === credential.provider);
  const [values, setValues] = useState<Record<string, string>>({});
  const [overlap, setOverlap] = useState<Overlap>('day');
  const [validate, setValidate] = useState(true);
  const client = useQueryClient();
  const now = useMinutes();
  const expired = !!credential.expires_at && Date.parse(credential.expires_at) < now;
  const save = useMutation({
    mutationFn: () => {
      const ms = overlaps[overlap];
      return ok(rotateCredential({ path: { id: credential.id }, body: { values: filled(values), validate, ...(ms === null ? { overlap: 'until_proven' } : { overlap_ms: ms }), ...(expired ? { expires_at: null } : {}) } }));
    },
    onSuccess: async (changed) => {
      await client.invalidateQueries({ queryKey: ['credentials'] });
      toast(t('rotated', { version: changed.version }));
      onClose();
    },
  });
  const fields = provider ? fieldsOf(provider) : [];
  const some = Object.keys(filled(values)).length > 0;
  return (
    <Dialog
      open
      side
      width={460}
      onClose={onClose}
      icon={RefreshCw}
      title={t('rotateTitle', { name: credential.name })}
      sub={t('rotateSub', { version: credential.version + 1 })}
      dirty={some}
      footer={
        <>
          <span className="grow" />
          <Button kind="ghost" onClick={onClose}>
            {t('common:cancel')}
          </Button>
          <Button kind="primary" busy={save.isPending} forbidden={some ? null : t('rotateNeeds')} onClick={() => save.mutate()}>
            {validate ? t('testAndRotate') : t('rotate')}
          </Button>
        </>
      }
    >
      <form
        className="col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (some) save.mutate();
        }}
      >
        <ValueFields fields={fields} values={values} onValues={setValues} error={save.error} wrong={[]} change />
        <SelectField label={t('overlap', { version: credential.version })} hint={t(`overlapHint.${overlap}`)} value={overlap} onChange={(event) => isOverlap(event.target.value) && setOverlap(event.target.value)}>
          {Object.keys(overlaps).map((name) => (
            <option key={name} value={name}>
              {t(`overlaps.${name}`)}
            </option>
          ))}
        </SelectField>
        <Switch label={t('validate')} hint={t('validateRotate')} checked={validate} onChange={setValidate} />
        {expired && <p className="t2 sm">{t('rotateExpired')}</p>}
        {save.error && <ProblemNote error={save.error} title={t('notRotated')} />}
      </form>
    </Dialog>
  );
}
