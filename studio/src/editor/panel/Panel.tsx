import { Ellipsis, Play, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/Button';
import { TabPanel, Tabs } from '@/components/Tabs';
import { stored, store as keep } from '@/util/storage';
import { Template } from '../code/Template';
import { openNodeMenu } from '../canvas/menu';
import { Tile } from '../canvas/Tile';
import { noteText } from '../canvas/Cards';
import { renameNode, setValue } from '../document/commands';
import { isNote, kindOf, titleOf } from '../document/draft';
import { str } from '../document/json';
import { isRootKind } from '../document/kinds';
import { runNode } from '../run/single';
import { useEditor, useNode } from '../state/context';
import { ErrorsTab } from './ErrorsTab';
import { LastRun } from './LastRun';
import { type Edited, Section, useEdited } from './parts';
import { Settings } from './Settings';
import { YamlEditor } from './Written';

type Tab = 'settings' | 'last' | 'errors' | 'yaml';

const LEAST = 360;
const MOST = 640;

function storedWidth(): number {
  const width = Number(stored('panel'));
  return width >= LEAST && width <= MOST ? width : 408;
}

/** The floating frame of whatever stands at the right of the canvas: as wide as somebody has pulled it. */
export function Floating({ label, children }: { label: string; children: React.ReactNode }) {
  const { t } = useTranslation('editor');
  const [width, setWidth] = useState(storedWidth);
  const begun = useRef({ x: 0, width: 0 });
  const set = (next: number) => {
    const clamped = Math.round(Math.min(MOST, Math.max(LEAST, next)));
    setWidth(clamped);
    keep('panel', String(clamped));
  };
  return (
    <section className="panel lkpanel" aria-label={label} style={{ width }}>
      <div
        className="pull"
        role="separator"
        tabIndex={0}
        aria-orientation="vertical"
        aria-label={t('panel.width')}
        aria-valuenow={width}
        aria-valuemin={LEAST}
        aria-valuemax={MOST}
        onPointerDown={(event) => {
          begun.current = { x: event.clientX, width };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) set(begun.current.width + begun.current.x - event.clientX);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowLeft') set(width + 16);
          else if (event.key === 'ArrowRight') set(width - 16);
        }}
      />
      <div className="grab only-m" />
      {children}
    </section>
  );
}

function Title({ edited, title }: { edited: Edited; title: string }) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  return (
    <input
      className="ptitle grow"
      aria-label={t('panel.title')}
      dir="auto"
      readOnly={edited.off}
      value={title}
      onChange={(event) => editor.apply((draft) => (event.target.value.trim() === '' ? setValue(draft, edited.id, ['title'], event.target.value) : renameNode(draft, edited.id, event.target.value)), `title:${edited.id}`)}
    />
  );
}

function NotePanel({ edited }: { edited: Edited }) {
  const { t } = useTranslation('editor');
  const text = str(edited.data.text);
  return (
    <Section title={t('note.title')}>
      <textarea
        className="inp area"
        rows={8}
        aria-label={t('note.title')}
        dir="auto"
        disabled={edited.off}
        value={noteText(text)}
        onChange={(event) => {
          // Dify keeps the state of its rich-text editor in a note: one paragraph for each line.
          const children = event.target.value.split('\n').map((line) => ({ type: 'paragraph', version: 1, format: '', indent: 0, direction: null, children: line === '' ? [] : [{ type: 'text', version: 1, text: line, detail: 0, format: 0, mode: 'normal', style: '' }] }));
          edited.set(['text'], JSON.stringify({ root: { type: 'root', version: 1, format: '', indent: 0, direction: null, children } }));
        }}
      />
    </Section>
  );
}

/** The panel of the selected node. */
export function Panel({ id, tab, onTab }: { id: string; tab: string | undefined; onTab: (tab: Tab) => void }) {
  const { t } = useTranslation('editor');
  const editor = useEditor();
  const node = useNode(id);
  const edited = useEdited(id);
  if (node === undefined || edited === undefined) return null;
  const kind = kindOf(node);
  const title = str(node.data.title);
  const tabs: { value: Tab; label: string }[] = [
    { value: 'settings', label: t('panel.tab.settings') },
    { value: 'last', label: t('panel.tab.last') },
    { value: 'errors', label: t('panel.tab.errors') },
    { value: 'yaml', label: 'YAML' },
  ];
  const shown = tabs.find((each) => each.value === tab)?.value ?? 'settings';
  const name = titleOf(node);
  return (
    <Floating label={name}>
      <div className="ph">
        <Tile kind={isNote(node) ? 'note' : kind} />
        {isNote(node) ? <span className="grow b">{t('note.title')}</span> : <Title edited={edited} title={title} />}
        {!isNote(node) && !isRootKind(kind) && <IconButton size="sm" icon={Play} label={t('menu.run')} onClick={() => runNode.set(() => id)} />}
        <IconButton
          size="sm"
          icon={Ellipsis}
          label={t('menu.of', { title: name })}
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            openNodeMenu(id, box.left, box.bottom + 4);
          }}
        />
        <IconButton size="sm" icon={X} label={t('close')} onClick={() => editor.select([])} />
      </div>
      {isNote(node) ? (
        <div className="scroll">
          <NotePanel edited={edited} />
        </div>
      ) : (
        <Tabs<Tab> label={t('panel.views')} value={shown} onChange={onTab} tabs={tabs} className="ptabs">
          <TabPanel value="settings" className="scroll">
            <Settings edited={edited} toYaml={() => onTab('yaml')} />
            <Section title={t('panel.description')}>
              <Template node={id} label={t('panel.description')} placeholder={t('panel.descriptionHint')} value={str(edited.data.desc)} onChange={(text) => edited.set(['desc'], text)} />
            </Section>
          </TabPanel>
          <TabPanel value="last" className="scroll">
            <LastRun id={id} title={name} />
          </TabPanel>
          <TabPanel value="errors" className="scroll">
            <ErrorsTab edited={edited} />
          </TabPanel>
          <TabPanel value="yaml" className="scroll">
            <div className="pt-3">
              <YamlEditor className="tpl yamlbox" label={t('panel.yamlOf', { title: name })} value={edited.data} off={edited.off} onChange={(data) => edited.replace(data)} />
              <p className="hint">{t('panel.yamlHint')}</p>
            </div>
          </TabPanel>
        </Tabs>
      )}
    </Floating>
  );
}
