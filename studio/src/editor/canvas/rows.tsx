import { Braces, CheckSquare, Database, FileText, Hash, KeyRound, Lock, type LucideIcon, TextCursorInput, TextAlignStart, TriangleAlert, Type, Users } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/components/Icon';
import { ProviderMark } from '@/components/ProviderMark';
import { cx } from '@/util/cx';
import { modelPlaces, MOST_ROWS } from '../document/geometry';
import { bool, type JsonObject, list, num, obj, objects, str, texts } from '../document/json';
import { branchesOf, isKnownKind, type Branch } from '../document/kinds';
import { readable } from '../document/scope';
import { hasVariables, pieces, shortForm } from '../document/template';
import { providerOf } from '../models';
import { useEditorState } from '../state/context';
import { conditionText } from './conditions';
import { OutHandle } from './handles';

export function Line({ children, className }: { children: ReactNode; className?: string }) {
  return <div className={cx('ln', className)}>{children}</div>;
}

const inputIcons: Record<string, LucideIcon> = { paragraph: TextAlignStart, number: Hash, checkbox: CheckSquare, file: FileText, 'file-list': FileText, json_object: Braces, select: TextCursorInput };

/** `node.variable`, with the node's title; a new title is seen by everybody who names it. */
function Variable({ selector }: { selector: readonly string[] }) {
  const path = useEditorState((state) => {
    const { node, name } = readable(state.history.now, selector);
    return `${node}.${name}`;
  });
  return (
    <span className="var ell" dir="ltr">
      {path}
    </span>
  );
}

/** The first of several pieces that names a variable, else the words. */
function TemplateLine({ template, none }: { template: string; none: string }) {
  const variable = pieces(template).find((piece) => 'selector' in piece);
  if (variable !== undefined && 'selector' in variable) return <Variable selector={variable.selector} />;
  return <span className={cx('ell', template === '' && 't3')}>{template || none}</span>;
}

function StartRows({ data }: { data: JsonObject }) {
  const { t } = useTranslation('editor');
  const variables = objects(data.variables);
  return (
    <>
      {variables.slice(0, MOST_ROWS).map((item, index) => (
        <Line key={index}>
          <Icon of={inputIcons[str(item.type)] ?? Type} size="xs" />
          <span className="mono ell">{str(item.variable)}</span>
          {bool(item.required) && <span className="end t3 xs">{t('card.required')}</span>}
        </Line>
      ))}
      {variables.length > MOST_ROWS && <Line className="t3">{t('card.more', { count: variables.length - MOST_ROWS })}</Line>}
    </>
  );
}

function ModelRow({ model }: { model: JsonObject }) {
  const { t } = useTranslation('editor');
  const name = str(model.name) || str(model.model);
  return (
    <Line>
      {name === '' ? <Icon of={TriangleAlert} size="xs" className="text-warn-glyph" /> : <ProviderMark provider={providerOf(model)} />}
      <span className="ell">{name || t('card.noModel')}</span>
    </Line>
  );
}

/** Who pays: brass where the node chooses, grey where it does not, red where it would fail now. */
export function KeyRow({ id, model, paid }: { id: string; model: JsonObject; paid?: string | null | undefined }) {
  const { t } = useTranslation('editor');
  const payer = useEditorState((state) => state.payers.get(id));
  const own = str(model.credential_name) || str(model.credential_id);
  const dynamic = hasVariables(own);
  const bad = payer?.code !== undefined && !(dynamic && payer.code === 'credential_selector_empty');
  const shown = paid ?? (own === '' ? payer?.name : shortForm(str(model.credential_name) || payer?.name || own));
  return (
    <Line className={cx(bad ? 'bad' : (own !== '' || paid) && 'key')}>
      <Icon of={KeyRound} size="xs" />
      <span className="mono ell grow">{shown ?? (payer?.level === 'not_needed' ? t('card.noKeyNeeded') : t('card.noKey'))}</span>
      {bool(model.credential_locked) && <Icon of={Lock} size="xs" label={t('card.locked')} />}
      {own === '' && !paid && shown !== undefined && <span className="xs t3">{t('card.inherited')}</span>}
    </Line>
  );
}

function BranchRow({ branch, rows }: { branch: Branch; rows: number }) {
  const { t } = useTranslation('editor');
  const condition = useEditorState((state) => (branch.label === 'if' || branch.label === 'elif' ? conditionText(state.history.now, branch.source) : ''));
  const words = branch.text || (branch.label === 'class' || branch.label === 'action' ? t(`card.${branch.label}`, { number: rows }) : '');
  return (
    <div className={cx('ln br', branch.label === 'error' && 'onerror')}>
      <span className="ell" title={words || condition} dir="auto">
        {(branch.label === 'if' || branch.label === 'elif' || branch.label === 'else') && <b>{branch.label.toUpperCase()} </b>}
        {condition || words || (branch.label === 'error' ? t('card.onError') : branch.label === 'timeout' ? t('card.timeout') : '')}
      </span>
      <OutHandle id={branch.handle} />
    </div>
  );
}

function Body({ id, kind, data, paid }: { id: string; kind: string; data: JsonObject; paid: string | null | undefined }) {
  const { t } = useTranslation('editor');
  switch (kind) {
    case 'start':
      return <StartRows data={data} />;
    case 'end': {
      const outputs = objects(data.outputs);
      if (outputs.length === 0) return <Line className="t3">{t('card.noOutputs')}</Line>;
      return outputs.slice(0, MOST_ROWS).map((item, index) => (
        <Line key={index}>
          <Variable selector={texts(item.value_selector)} />
        </Line>
      ));
    }
    case 'answer':
      return (
        <Line>
          <TemplateLine template={str(data.answer)} none={t('card.emptyAnswer')} />
        </Line>
      );
    case 'llm':
    case 'question-classifier':
    case 'parameter-extractor':
    case 'agent': {
      const model = modelPlaces(kind, data)[0]?.model ?? {};
      const tools = objects(obj(obj(data.agent_parameters).tools).value).filter((tool) => tool.enabled !== false);
      return (
        <>
          <ModelRow model={model} />
          <KeyRow id={id} model={model} paid={paid} />
          {kind === 'agent' && <Line className="t2">{t('card.tools', { count: tools.length })}</Line>}
        </>
      );
    }
    case 'knowledge-retrieval': {
      const place = modelPlaces(kind, data)[0];
      return (
        <>
          <Line>
            <Icon of={Database} size="xs" />
            <span className="ell">{t('card.datasets', { count: list(data.dataset_ids).length })}</span>
          </Line>
          {place !== undefined && <KeyRow id={id} model={place.model} paid={paid} />}
        </>
      );
    }
    case 'if-else':
      return null;
    case 'code':
      return (
        <Line>
          <b className="xs">{str(data.code_language) === 'javascript' ? 'JavaScript' : 'Python'}</b>
          <span className="t3 ell">{t('card.inOut', { in: list(data.variables).length, out: Object.keys(obj(data.outputs)).length })}</span>
        </Line>
      );
    case 'template-transform':
      return (
        <Line>
          <b className="xs">Jinja</b>
          <span className="t3 ell">{t('card.inputs', { count: list(data.variables).length })}</span>
        </Line>
      );
    case 'http-request':
      return (
        <Line>
          <b className="xs">{str(data.method).toUpperCase()}</b>
          <span className="mono ell" dir="ltr">
            {shortForm(str(data.url)).replace(/^https?:\/\/[^/{]*/, '') || shortForm(str(data.url)) || t('card.noUrl')}
          </span>
        </Line>
      );
    case 'tool':
      return (
        <Line>
          <span className="ell">{str(data.tool_label) || str(data.tool_name) || t('card.noTool')}</span>
        </Line>
      );
    case 'variable-aggregator':
    case 'variable-assigner': {
      const groups = obj(data.advanced_settings);
      const grouped = bool(groups.group_enabled);
      return (
        <Line>
          <span className="mono ell">{grouped ? objects(groups.groups).map((group) => str(group.group_name)).join(', ') : 'output'}</span>
          <span className="end t3 nw">{grouped ? t('card.groups', { count: objects(groups.groups).length }) : t('card.firstOf', { count: list(data.variables).length })}</span>
        </Line>
      );
    }
    case 'assigner': {
      const items = Array.isArray(data.items) ? objects(data.items) : [{ variable_selector: data.assigned_variable_selector, operation: data.write_mode }];
      return items.slice(0, MOST_ROWS).map((item, index) => (
        <Line key={index}>
          <span className="mono ell">{texts(item.variable_selector).slice(1).join('.') || '…'}</span>
          <span className="end t3 xs nw">{str(item.operation)}</span>
        </Line>
      ));
    }
    case 'list-operator':
      return (
        <Line className="t2">
          {['filter_by', 'extract_by', 'order_by', 'limit'].filter((part) => bool(obj(data[part]).enabled)).map((part) => t(`card.list.${part}`)).join(' · ') || t('card.list.nothing')}
        </Line>
      );
    case 'document-extractor':
      return (
        <Line>
          <Variable selector={texts(data.variable_selector)} />
        </Line>
      );
    case 'human-input':
      return (
        <Line>
          <Icon of={Users} size="xs" />
          <span className="ell">{t('card.waits', { count: num(data.timeout) ?? 36, unit: t(`card.unit.${str(data.timeout_unit) === 'day' ? 'day' : 'hour'}`) })}</span>
        </Line>
      );
    case 'trigger-schedule':
      return (
        <Line>
          <span className="mono ell">{str(data.cron_expression) || str(data.frequency) || '…'}</span>
          <span className="end t3 xs">{str(data.timezone)}</span>
        </Line>
      );
    case 'trigger-webhook':
      return (
        <Line>
          <b className="xs">{str(data.method).toUpperCase()}</b>
          <span className="t3 ell">{str(data.content_type)}</span>
        </Line>
      );
    default:
      return (
        <Line>
          {!isKnownKind(kind) && <Icon of={TriangleAlert} size="xs" className="text-warn-glyph" />}
          <span className="mono ell">{kind || t('card.noType')}</span>
        </Line>
      );
  }
}

/** The rows of a card: as many as `rowsOf` says, or the handles stand beside them. */
export function Rows({ id, kind, data, paid }: { id: string; kind: string; data: JsonObject; paid?: string | null | undefined }) {
  return (
    <div className="nb">
      <Body id={id} kind={kind} data={data} paid={paid} />
      {branchesOf(kind, data).map((branch, index) => (
        <BranchRow key={branch.handle} branch={branch} rows={index + 1} />
      ))}
    </div>
  );
}
