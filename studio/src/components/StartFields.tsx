import { Checkbox } from './Choice';
import { SelectField, TextAreaField, TextField } from './Field';
import type { StartVariable } from './start-variables';

type Props = { variables: StartVariable[]; values: Record<string, string>; onValues: (values: Record<string, string>) => void };

/** The form of a start node. */
export function StartFields({ variables, values, onValues }: Props) {
  return variables.map((variable) => {
    const value = values[variable.name] ?? variable.default;
    const set = (next: string) => onValues({ ...values, [variable.name]: next });
    const shared = { label: variable.label, required: variable.required, value };
    if (variable.type === 'checkbox') return <Checkbox key={variable.name} label={variable.label} checked={value === 'true'} onChange={(on) => set(String(on))} />;
    if (variable.type === 'select')
      return (
        <SelectField key={variable.name} {...shared} onChange={(event) => set(event.target.value)}>
          <option value="" />
          {variable.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </SelectField>
      );
    if (variable.type === 'paragraph') return <TextAreaField key={variable.name} {...shared} dir="auto" maxLength={variable.maxLength ?? undefined} onChange={(event) => set(event.target.value)} />;
    return <TextField key={variable.name} {...shared} dir="auto" type={variable.type === 'number' ? 'number' : 'text'} maxLength={variable.maxLength ?? undefined} onChange={(event) => set(event.target.value)} />;
  });
}
