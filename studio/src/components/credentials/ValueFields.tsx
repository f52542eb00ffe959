import { useTranslation } from 'react-i18next';
import { SelectField, TextField } from '../Field';
import { fieldError } from '../Problem';
import { SecretInput } from '../SecretInput';
import { firstFields, type FormField } from './form';

type Props = { fields: FormField[]; values: Record<string, string>; onValues: (values: Record<string, string>) => void; error: unknown; wrong: string[]; /** Nothing is required: what is left empty stays as it is. */ change?: boolean };

function OneField({ field, values, onValues, error, wrong, change }: Omit<Props, 'fields'> & { field: FormField }) {
  const { t } = useTranslation(['credentials', 'common']);
  const value = values[field.name] ?? '';
  const set = (next: string) => onValues({ ...values, [field.name]: next });
  const problem = wrong.includes(field.name) ? t('fieldMissing') : fieldError(error, field.name);
  const optional = field.required || change ? undefined : t('common:optional');
  const placeholder = field.placeholder ?? field.default ?? undefined;
  if (field.type === 'secret') return <SecretInput label={field.label} value={value} onValue={set} error={problem} optional={optional} placeholder={placeholder} hint={t('sealed')} />;
  if (field.type === 'select' && field.options.length > 0)
    return (
      <SelectField label={field.label} value={value} error={problem} optional={optional} onChange={(event) => set(event.target.value)}>
        <option value="">{field.default ?? t('providersOwn')}</option>
        {field.options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </SelectField>
    );
  return <TextField label={field.label} value={value} error={problem} optional={optional} placeholder={placeholder} mono inputMode={field.type === 'url' ? 'url' : undefined} onChange={(event) => set(event.target.value)} />;
}

/** The fields of a provider's form: the needed ones first, the others folded. */
export function ValueFields({ fields, ...rest }: Props) {
  const { t } = useTranslation('credentials');
  const first = firstFields(fields);
  const others = fields.filter((field) => !first.includes(field));
  return (
    <>
      {first.map((field) => (
        <OneField key={field.name} field={field} {...rest} />
      ))}
      {others.length > 0 && (
        <details className="more-fields" open={others.some((field) => fieldError(rest.error, field.name)) || undefined}>
          <summary>{t('moreFields')}</summary>
          <div className="col mt-3 gap-4">
            {others.map((field) => (
              <OneField key={field.name} field={field} {...rest} />
            ))}
          </div>
        </details>
      )}
    </>
  );
}
