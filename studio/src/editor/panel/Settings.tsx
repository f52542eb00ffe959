import { useTranslation } from 'react-i18next';
import { Note } from '@/components/Note';
import { isKnownKind } from '../document/kinds';
import { kindOf } from '../document/draft';
import { useNode } from '../state/context';
import { ClassifierSettings, ExtractorSettings, HumanSettings, IfElseSettings, LoopSettings } from './Flow';
import { LlmSettings } from './Llm';
import { AgentSettings, HttpSettings, KnowledgeSettings, ToolSettings } from './Outside';
import { type Edited, Section } from './parts';
import { AggregatorSettings, AnswerSettings, AssignerSettings, CodeSettings, DocumentSettings, EndSettings, IterationSettings, ListSettings, ScheduleSettings, TemplateSettings, WebhookSettings } from './Simple';
import { StartSettings } from './Start';

const FORMS: Record<string, (props: { edited: Edited }) => React.ReactNode> = {
  start: StartSettings, end: EndSettings, answer: AnswerSettings, llm: LlmSettings, code: CodeSettings, 'template-transform': TemplateSettings,
  'if-else': IfElseSettings, 'question-classifier': ClassifierSettings, 'parameter-extractor': ExtractorSettings, agent: AgentSettings,
  'http-request': HttpSettings, tool: ToolSettings, iteration: IterationSettings, loop: LoopSettings, 'knowledge-retrieval': KnowledgeSettings,
  'document-extractor': DocumentSettings, 'variable-aggregator': AggregatorSettings, 'variable-assigner': AggregatorSettings, assigner: AssignerSettings,
  'list-operator': ListSettings, 'human-input': HumanSettings, 'trigger-schedule': ScheduleSettings, 'trigger-webhook': WebhookSettings,
};

/** The settings of a node, typed by its type; one that has no form here is changed as YAML. */
export function Settings({ edited, toYaml }: { edited: Edited; toYaml: () => void }) {
  const { t } = useTranslation('editor');
  const node = useNode(edited.id);
  const kind = node === undefined ? '' : kindOf(node);
  const Form = FORMS[kind];
  if (Form !== undefined) return <Form edited={edited} />;
  return (
    <Section title={t(`kind.${kind}`, { defaultValue: kind || t('card.noType') })}>
      {isKnownKind(kind) ? <p className="t2">{kind === 'loop-end' ? t('loop.end') : t('panel.noForm')}</p> : (
        <Note tone="warn" title={t('panel.unknown', { kind })}>
          {t('panel.unknownText')}
        </Note>
      )}
      <button type="button" className="link mt-2" onClick={toYaml}>
        {t('panel.asYaml')}
      </button>
    </Section>
  );
}
