/** The engine's public face: what a process is put together from. */
export { DefinitionError, type Problem } from '../schemas/problem.ts';
export { ActivitySettingsWatch } from './activities/activity-settings.ts';
export { type ActivityTask, createHandOuts, type HandOuts } from './activities/hand-outs.ts';
export { compilePriorityPath, createPriorities } from './activities/priority.ts';
export { type ActivityNumbers, type ActivityStatistics, createActivityStatistics } from './activities/statistics.ts';
export {
  type ArchivedSummary,
  type ArchiveStore,
  createArchive,
  listArchived,
  openArchive,
  withArchive,
} from './archive/index.ts';
export { jsonFault } from './asl/json-fault.ts';
export {
  createDataSets,
  createObjectStores,
  type DataSets,
  type Item,
  type ItemReader,
  type ObjectStores,
  openItems,
  type ResultRow,
  type ResultWriter,
  resultsOf,
  type Transformation,
  writeResults,
} from './data-sets/index.ts';
export type {
  Blame,
  CatchVerdict,
  ChoiceVerdict,
  Excerpt,
  ExecutionFacts,
  Explanation,
  ExpressionFault,
  FailedChild,
  FailureKind,
  Incident,
  MapRunItems,
  MapRunReport,
  MapRunView,
  RetryVerdict,
  StatePlace,
  StateRules,
  Waiting,
} from './explain/explanation.ts';
export { itemCounts } from './explain/wording.ts';
export { DEFAULT_MAX_SITUATIONS, type ExploreOptions, exploreText } from './explore/index.ts';
export type {
  Compensation,
  Exploration,
  ExploredEnd,
  FailurePoint,
  Finding,
  PathStep,
  Severity,
} from './explore/report.ts';
export { errorsInWords } from './explore/wording.ts';
export { createExpressRunner, type ExpressRunner, type ExpressStart } from './express/express-runner.ts';
export { AWS_LIMITS, EXPRESS_SECONDS, type Limits } from './interpreter/limits.ts';
export { EditRefused } from './interpreter/redrive-edits.ts';
export { type Announcer, createAnnouncer } from './runtime/announcer.ts';
export { systemClock } from './runtime/clock.ts';
export { checkDefinition, compileText } from './runtime/compile-text.ts';
export { createEngine, type Engine, type EngineOptions } from './runtime/engine.ts';
export { explainExecution } from './runtime/explain-execution.ts';
export type { Log } from './runtime/log.ts';
export { planRedrive, type RedrivePlan } from './runtime/plan-redrive.ts';
export { createReferenceReader, type ReferenceReader } from './runtime/reference-reader.ts';
export { type AttributeReader, createAttributeReader } from './runtime/search-attributes.ts';
export {
  type ExecutionClosed,
  type RequestAnswered,
  type TaskEnded,
  TELEMETRY,
  Topic,
} from './runtime/telemetry.ts';
export { WebhookList } from './runtime/webhook-list.ts';
export type { ShardStatistics, StoreCondition, StoreStatistics } from './store/statistics.ts';
export type { Store } from './store/store.ts';
export type { TaskQueue } from './tasks/queue.ts';
export { TestRefused } from './test-state/refusal.ts';
export type { Inspection, Mock, StateTest, TestConfiguration } from './test-state/state-test.ts';
export { createStateTester, type StateTester } from './test-state/state-tester.ts';
