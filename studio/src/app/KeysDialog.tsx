import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Switch } from '@/components/Choice';
import { Dialog } from '@/components/Dialog';
import { closePalette } from '@/util/palette';
import { store, stored } from '@/util/storage';

function Keys({ rows }: { rows: [string, string][] }) {
  return (
    <dl className="keys">
      {rows.map(([keys, what]) => (
        <div className="row h-8" key={what}>
          <dt className="grow t2">{what}</dt>
          <dd>
            {keys.split(' ').map((key) => (
              <kbd className="kbd ml-1" key={key}>
                {key}
              </kbd>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function KeysDialog() {
  const { t } = useTranslation('common');
  const [letters, setLetters] = useState(stored('letters') !== 'off');
  const go = (place: string) => t('keys.go', { place });
  return (
    <Dialog open onClose={closePalette} title={t('keys.title')} width={680}>
      <div className="grid gap-x-8 sm:grid-cols-2">
        <section>
          <h3 className="mb-1">{t('keys.groupEverywhere')}</h3>
          <Keys
            rows={[
              ['⌘K', t('keys.search')],
              ['G W', go(t('nav.workflows'))],
              ['G R', go(t('nav.runs'))],
              ['G C', go(t('nav.credentials'))],
              ['G U', go(t('nav.usage'))],
              ['?', t('keys.all')],
            ]}
          />
        </section>
        <section>
          <h3 className="mb-1">{t('keys.groupEditor')}</h3>
          <Keys
            rows={[
              ['A', t('keys.add')],
              ['Del', t('keys.remove')],
              ['⌘Z ⇧⌘Z', t('keys.undo')],
              ['⌘C ⌘V ⌘D', t('keys.copy')],
              ['⌘Enter', t('keys.run')],
              ['⌘.', t('keys.stop')],
              ['F 1', t('keys.fit')],
              ['E', t('keys.problem')],
              ['O', t('keys.outline')],
            ]}
          />
        </section>
      </div>
      <div className="mt-4 border-t border-line pt-4">
        <Switch
          label={t('keys.letters')}
          hint={t('keys.lettersHint')}
          checked={letters}
          onChange={(on) => {
            setLetters(on);
            store('letters', on ? null : 'off');
          }}
        />
      </div>
    </Dialog>
  );
}
