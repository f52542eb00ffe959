import { useTranslation } from 'react-i18next';
import { Radios, Switch } from '@/components/Choice';
import { Input } from '@/components/Field';
import { kindOf } from '../document/draft';
import { bool, type JsonObject, num, obj, objects, str } from '../document/json';
import { mayHandleErrors, mayRetry } from '../document/kinds';
import { outputsOf } from '../document/scope';
import { useNode } from '../state/context';
import { type Edited, Section, TextPair } from './parts';

type Strategy = 'none' | 'fail-branch' | 'default-value';

function valueText(value: JsonObject['value']): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
}

/** What happens when a node fails: how often it is tried again, and what the run does then. */
export function ErrorsTab({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const node = useNode(edited.id);
  if (node === undefined) return null;
  const kind = kindOf(node);
  const { data, set } = edited;
  const retry = obj(data.retry_config);
  const written = str(data.error_strategy);
  const strategy: Strategy = written === 'fail-branch' || written === 'default-value' ? written : 'none';
  if (!mayRetry(kind) && !mayHandleErrors(kind) && strategy === 'none') return <p className="t2 py-4">{t('errors.cannot')}</p>;
  const choose = (next: Strategy) => {
    if (next === 'none') edited.set(['error_strategy'], undefined);
    else if (next === 'fail-branch') edited.set(['error_strategy'], next);
    else {
      const defaults = outputsOf(kind, { ...data, error_strategy: '' }).filter(([name]) => !name.includes('.') && name !== 'usage').map(([key, type]) => ({ key, type, value: type === 'number' ? 0 : type === 'string' ? '' : type === 'boolean' ? false : type.startsWith('array') ? [] : {} }));
      edited.replace({ ...data, error_strategy: next, default_value: objects(data.default_value).length > 0 ? (data.default_value ?? []) : defaults });
    }
  };
  return (
    <>
      {mayRetry(kind) && (
        <Section title={t('errors.retry')}>
          <Switch label={t('errors.retryOn')} hint={t('errors.retryHint')} checked={bool(retry.retry_enabled)} disabled={edited.off} onChange={(on) => set(['retry_config'], { max_retries: num(retry.max_retries) ?? 3, retry_interval: num(retry.retry_interval) ?? 1000, ...retry, retry_enabled: on })} />
          {bool(retry.retry_enabled) && (
            <div className="mt-2">
              <TextPair edited={edited} path={['retry_config', 'max_retries']} label={t('errors.times')} numeric />
              <TextPair edited={edited} path={['retry_config', 'retry_interval']} label={t('errors.pause')} numeric />
            </div>
          )}
        </Section>
      )}
      <Section title={t('errors.then')}>
        <Radios<Strategy>
          label={t('errors.then')}
          className="flex-col items-start!"
          value={strategy}
          disabled={edited.off}
          onChange={choose}
          options={[
            { value: 'none', label: t('errors.fail'), hint: t('errors.failHint') },
            { value: 'fail-branch', label: t('errors.branch'), hint: t('errors.branchHint') },
            { value: 'default-value', label: t('errors.default'), hint: t('errors.defaultHint') },
          ]}
        />
        {strategy === 'default-value' && (
          <div className="col mt-3">
            {objects(data.default_value).map((item, index) => (
              <label className="row" key={str(item.key) || index}>
                <span className="mono sm ell w-32 flex-none">{str(item.key)}</span>
                <Input small mono disabled={edited.off} value={valueText(item.value)}
                  onChange={(event) => {
                    let value: JsonObject['value'] = event.target.value;
                    if (str(item.type) !== 'string') {
                      try {
                        value = JSON.parse(event.target.value) as JsonObject['value'];
                      } catch {
                        // Kept as it is typed until it can be read.
                      }
                    }
                    set(['default_value', index, 'value'], value);
                  }} />
              </label>
            ))}
          </div>
        )}
      </Section>
      <p className="hint">{t('errors.keys')}</p>
    </>
  );
}
