/** CodeMirror in a shadow root: there its style sheets are constructed ones, which the page's content policy allows. */
import { autocompletion, closeBrackets, closeBracketsKeymap, type Completion, type CompletionContext, type CompletionResult, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, foldGutter, HighlightStyle, indentOnInput, syntaxHighlighting, type LanguageSupport } from '@codemirror/language';
import { search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import { Decoration, type DecorationSet, drawSelection, EditorView, keymap, lineNumbers, placeholder as hint, ViewPlugin, type ViewUpdate, WidgetType } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { placeholders } from '../document/template';

export type Language = 'python' | 'javascript' | 'jinja' | 'yaml' | 'json' | 'text' | 'template';

/** Loads the grammar of a language only when it is shown. */
export async function grammar(language: Language): Promise<LanguageSupport | undefined> {
  switch (language) {
    case 'python':
      return (await import('@codemirror/lang-python')).python();
    case 'javascript':
      return (await import('@codemirror/lang-javascript')).javascript();
    case 'jinja':
      return (await import('@codemirror/lang-jinja')).jinja();
    case 'yaml':
      return (await import('@codemirror/lang-yaml')).yaml();
    case 'json':
      return (await import('@codemirror/lang-json')).json();
    case 'text':
    case 'template':
      return undefined;
  }
}

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.processingInstruction], color: 'var(--c4)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--warn)' },
  { tag: [tags.comment], color: 'var(--text3)', fontStyle: 'italic' },
  { tag: [tags.function(tags.variableName), tags.definition(tags.variableName)], color: 'var(--accent-text)' },
  { tag: [tags.propertyName, tags.definition(tags.propertyName), tags.labelName], color: 'var(--accent-text)' },
  { tag: [tags.punctuation, tags.bracket, tags.separator], color: 'var(--text2)' },
]);

const theme = EditorView.theme({
  '&': { fontSize: '12.5px', color: 'var(--text)', backgroundColor: 'transparent', height: '100%' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.65', overflow: 'auto' },
  '.cm-content': { padding: '8px 2px', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0 9px' },
  '.cm-gutters': { backgroundColor: 'transparent', border: 'none', color: 'var(--text3)', fontSize: '11px' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '1.5px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--accent) 22%, transparent)' },
  '.cm-placeholder': { color: 'var(--text3)' },
  '.cm-matchingBracket': { backgroundColor: 'var(--accent-soft)', outline: 'none' },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', border: '1px solid var(--line2)', borderRadius: '10px', boxShadow: 'var(--sh3)', padding: '4px', color: 'var(--text)', zIndex: 60 },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font)', maxHeight: '260px', minWidth: '260px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '5px 8px', borderRadius: '6px', fontSize: '12.5px', lineHeight: '1.4' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent-soft)', color: 'var(--text)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > completion-section': { display: 'block', borderBottom: 'none', fontSize: '11px', color: 'var(--text3)', padding: '8px 8px 3px', opacity: 1, fontWeight: 500 },
  '.cm-completionLabel': { fontFamily: 'var(--mono)', fontSize: '12px' },
  '.cm-completionDetail': { color: 'var(--text3)', fontStyle: 'normal', marginLeft: '8px', fontSize: '12px' },
  '.cm-completionMatchedText': { color: 'var(--accent-text)', textDecoration: 'none', fontWeight: 600 },
  '.lkvar': { display: 'inline-block', height: '19px', padding: '0 5px', margin: '0 1px', borderRadius: '4px', backgroundColor: 'var(--accent-soft)', color: 'var(--accent-text)', font: '500 11.5px/19px var(--mono)', letterSpacing: '-.015em', verticalAlign: 'baseline', cursor: 'default' },
  '.lkvar.gone': { backgroundColor: 'var(--err-soft)', color: 'var(--err)' },
  '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--text)', borderColor: 'var(--line)' },
});

const prose = EditorView.theme({ '.cm-scroller': { fontFamily: 'var(--font)', lineHeight: '1.75' } });
const oneLine = EditorView.theme({ '.cm-content': { padding: '3px 0' }, '.cm-scroller': { overflow: 'hidden', lineHeight: '22px', fontFamily: 'var(--mono)' } });

/** What a variable is called, and whether it is still there. */
export type Naming = (selector: readonly string[]) => { label: string; known: boolean; title: string };

class Pill extends WidgetType {
  constructor(readonly label: string, readonly known: boolean, readonly title: string) {
    super();
  }
  override eq(other: Pill) {
    return other.label === this.label && other.known === this.known;
  }
  override toDOM() {
    const pill = document.createElement('span');
    pill.className = this.known ? 'lkvar' : 'lkvar gone';
    pill.textContent = this.label;
    pill.title = this.title;
    pill.dir = 'ltr';
    return pill;
  }
  override ignoreEvent() {
    return false;
  }
}

function pillsOf(view: EditorView, naming: Naming): DecorationSet {
  const found = placeholders(view.state.doc.toString()).map(({ from, to, selector }) => {
    const { label, known, title } = naming(selector);
    return Decoration.replace({ widget: new Pill(label, known, title) }).range(from, to);
  });
  return Decoration.set(found);
}

/** Variables as pills: each is one thing to the cursor, and Backspace removes it whole. */
function pills(naming: () => Naming): Extension {
  const plugin = ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;
      constructor(view: EditorView) {
        this.decorations = pillsOf(view, naming());
      }
      update(update: ViewUpdate) {
        if (update.docChanged || update.transactions.length > 0) this.decorations = pillsOf(update.view, naming());
      }
    },
    {
      decorations: (value) => value.decorations,
      provide: (of) => EditorView.atomicRanges.of((view) => view.plugin(of)?.decorations ?? Decoration.none),
    },
  );
  return plugin;
}

export interface Offer {
  /** `{{#a.b#}}`, or a name in Jinja and code. */
  insert: string;
  label: string;
  detail: string;
  section: string;
}

function source(offers: () => readonly Offer[], slash: boolean) {
  return (context: CompletionContext): CompletionResult | null => {
    const before = context.matchBefore(slash ? /\{\{#?[\w.]*$|(?:^|(?<=\s))\/[\w.]*$/ : /\{\{\s?[\w.]*$/);
    if (before === null && !context.explicit) return null;
    const from = before?.from ?? context.pos;
    const typed = (before?.text ?? '').replace(/^(\{\{#?\s?|\/)/, '');
    const list = offers().filter((offer) => offer.label.toLowerCase().includes(typed.toLowerCase()));
    const options = list.map((offer): Completion => ({
      label: offer.label,
      detail: offer.detail,
      section: offer.section,
      apply: (view, _completion, start, end) => {
        const rest = view.state.sliceDoc(end, end + 3);
        const over = rest.startsWith('#}}') ? 3 : rest.startsWith('}}') ? 2 : 0;
        view.dispatch({ changes: { from: start, to: end + over, insert: offer.insert }, selection: { anchor: start + offer.insert.length } });
      },
    }));
    return { from, options, filter: false };
  };
}

export interface Setup {
  parent: ShadowRoot;
  text: string;
  language: Language;
  grammar: LanguageSupport | undefined;
  label: string;
  placeholder: string;
  readOnly: boolean;
  single: boolean;
  naming: () => Naming;
  offers: () => readonly Offer[];
  onChange: (text: string) => void;
}

export function createView(setup: Setup): EditorView {
  const { language, single } = setup;
  const template = language === 'template';
  const code = !template && language !== 'text';
  const mount = document.createElement('div');
  mount.style.height = '100%';
  setup.parent.append(mount);
  return new EditorView({
    root: setup.parent,
    parent: mount,
    state: EditorState.create({
      doc: setup.text,
      extensions: [
        history(),
        drawSelection(),
        EditorView.contentAttributes.of({ 'aria-label': setup.label, tabindex: '0', spellcheck: String(!code && !single), dir: code || single ? 'ltr' : 'auto' }),
        setup.placeholder === '' ? [] : hint(setup.placeholder),
        EditorState.readOnly.of(setup.readOnly),
        EditorView.editable.of(!setup.readOnly),
        single ? EditorState.transactionFilter.of((change) => (change.newDoc.lines > 1 ? [] : change)) : EditorView.lineWrapping,
        code ? [lineNumbers(), foldGutter(), indentOnInput(), bracketMatching(), closeBrackets(), search({ top: true })] : [],
        setup.grammar ?? [],
        syntaxHighlighting(colours),
        template ? pills(setup.naming) : [],
        template || language === 'jinja' ? autocompletion({ override: [source(setup.offers, template)], icons: false, activateOnTyping: true, defaultKeymap: true }) : [],
        single ? oneLine : template || language === 'text' ? prose : [],
        theme,
        keymap.of([
          ...completionKeymap,
          ...(code ? [...closeBracketsKeymap, ...searchKeymap, indentWithTab] : []),
          ...(single ? [{ key: 'Enter', run: () => true }] : []),
          ...historyKeymap,
          ...defaultKeymap,
        ]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) setup.onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
}
