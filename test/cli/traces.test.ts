import { expect, onTestFinished, test, vi } from 'vitest';
import { startSystem } from '../../cli/system.ts';
import { readConfig } from '../../schemas/config.ts';
import { Collector } from '../observability/support/collector.ts';
import { useRedis } from '../support/redis.ts';

/** Traces of a whole process. */

const redis = useRedis();
const ARN = 'arn:aws:states:us-east-1:000000000000:stateMachine';
const LOG = { info() {}, warn() {}, error() {} };

test('an execution that a task has started is part of its trace', async () => {
  const collector = await Collector.start();
  vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', `${collector.url}/v1/traces`);
  const result = readConfig({}, { port: '0' });
  if (!result.ok) throw new Error(result.problems.join('; '));
  const system = await startSystem(result.config, redis.url, LOG);
  onTestFinished(async () => {
    await system.stop();
    await collector.stop();
    vi.unstubAllEnvs();
  });
  const call = (operation: string, body: object) =>
    fetch(system.url ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${operation}` },
      body: JSON.stringify(body),
    });
  const create = (name: string, state: object) =>
    call('CreateStateMachine', {
      name,
      roleArn: 'arn:aws:iam::000000000000:role/r',
      definition: JSON.stringify({ StartAt: name, States: { [name]: state } }),
    });
  await create('Inner', { Type: 'Succeed' });
  const resource = 'arn:aws:states:::states:startExecution.sync:2';
  await create('Outer', {
    Type: 'Task',
    Resource: resource,
    Parameters: { StateMachineArn: `${ARN}:Inner` },
    End: true,
  });
  await call('StartExecution', { stateMachineArn: `${ARN}:Outer` });
  const attempt = await collector.span('states:startExecution.sync:2');
  const inner = collector.all.find(({ name }) => name === 'Inner');
  expect(inner).toMatchObject({ traceId: attempt.traceId, parentSpanId: attempt.spanId });
});
