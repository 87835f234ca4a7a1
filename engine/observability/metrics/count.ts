import { TELEMETRY } from '../../index.ts';
import { BoundedLabels, MAX_NAMES } from './bounded-labels.ts';
import type { Catalog } from './catalog.ts';

/** Counts what the process tells of its work. Answers how to stop. */
export function countTelemetry(metrics: Catalog, machines: BoundedLabels): () => void {
  const stops = [...countExecutions(metrics, machines), ...countTasks(metrics), ...countShards(metrics)];
  stops.push(countRequests(metrics), countWebhooks(metrics));
  return () => {
    for (const stop of stops) stop();
  };
}

const S = 1000;

function countExecutions(metrics: Catalog, machines: BoundedLabels): (() => void)[] {
  return [
    TELEMETRY.executionStarted.listen(({ stateMachineName }) => {
      metrics.executionsStarted.add(1, machines.of(stateMachineName));
    }),
    TELEMETRY.executionClosed.listen(({ stateMachineName, status, startMs, stopMs }) => {
      metrics.executionsClosed.add(1, machines.of(stateMachineName), status);
      metrics.executionDuration.record((stopMs - startMs) / S, status);
    }),
    TELEMETRY.batchCommitted.listen(({ entries, events, transitions, interpretMs, commitMs }) => {
      metrics.stateTransitions.add(transitions);
      metrics.historyEvents.add(events);
      metrics.commitEntries.record(entries);
      metrics.interpretDuration.record(interpretMs / S);
      metrics.commitDuration.record(commitMs / S);
    }),
  ];
}

function countTasks(metrics: Catalog): (() => void)[] {
  const services = new BoundedLabels(MAX_NAMES);
  return [
    TELEMETRY.taskScheduled.listen(({ service }) => metrics.tasksScheduled.add(1, services.of(service))),
    TELEMETRY.taskStarted.listen(({ service, queuedMs }) => {
      if (queuedMs !== undefined) metrics.taskScheduleToStart.record(queuedMs / S, services.of(service));
    }),
    TELEMETRY.taskEnded.listen(({ service, outcome, runMs }) => {
      if (runMs !== undefined) metrics.taskRun.record(runMs / S, services.of(service), outcome);
    }),
  ];
}

function countShards(metrics: Catalog): (() => void)[] {
  return [
    TELEMETRY.shardTaken.listen(() => metrics.shardChanges.add(1, 'taken')),
    TELEMETRY.shardLost.listen(() => metrics.shardChanges.add(1, 'lost')),
    TELEMETRY.executionArchived.listen(() => metrics.archived.add(1, 'ok')),
    TELEMETRY.archiveFailed.listen(() => metrics.archived.add(1, 'failed')),
  ];
}

function countRequests(metrics: Catalog): () => void {
  const outcomes = new BoundedLabels(MAX_NAMES);
  return TELEMETRY.requestAnswered.listen(({ operation, outcome, ms }) => {
    metrics.apiRequests.add(1, operation, outcomes.of(outcome));
    metrics.apiRequestDuration.record(ms / S, operation);
  });
}

const countWebhooks = (metrics: Catalog): (() => void) =>
  TELEMETRY.webhookAttempted.listen(({ outcome, ms }) => {
    metrics.webhookDeliveries.add(1, outcome);
    metrics.webhookDuration.record(ms / S);
  });
