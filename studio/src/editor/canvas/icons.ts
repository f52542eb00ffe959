import {
  BookOpen, Bot, Braces, CalendarClock, Code, FileText, Flag, GitFork, Globe, ListFilter, ListOrdered, type LucideIcon, Merge, MessageSquareText, PenLine, Play, Plug,
  Puzzle, Repeat, RotateCw, Sparkles, Split, StickyNote, TextSelect, UserCheck, Webhook, Wrench,
} from 'lucide-react';

const icons: Record<string, LucideIcon> = {
  start: Play, answer: MessageSquareText, end: Flag, llm: Sparkles, 'question-classifier': Split, 'parameter-extractor': ListFilter, agent: Bot,
  'knowledge-retrieval': BookOpen, 'document-extractor': FileText, 'if-else': GitFork, iteration: Repeat, loop: RotateCw, 'loop-end': Flag,
  'iteration-start': Play, 'loop-start': Play, 'human-input': UserCheck, code: Code, 'template-transform': Braces, 'variable-aggregator': Merge,
  'variable-assigner': Merge, assigner: PenLine, 'list-operator': ListOrdered, 'http-request': Globe, tool: Wrench, 'trigger-webhook': Webhook,
  'trigger-schedule': CalendarClock, 'trigger-plugin': Plug, datasource: FileText, 'knowledge-index': BookOpen, note: StickyNote, sys: TextSelect, env: TextSelect,
  conversation: TextSelect,
};

/** The drawing of a node type; a puzzle piece for one that is not known. */
export const iconOf = (kind: string): LucideIcon => icons[kind] ?? Puzzle;
