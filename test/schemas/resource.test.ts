import { expect, test } from 'vitest';
import { describeResource, queueName, RUNNER_QUEUE } from '../../schemas/resource.ts';

const ACTIVITY = 'arn:aws:states:eu-west-1:123456789012:activity:pick';
const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:price';

test.each([
  [ACTIVITY, 'Activity', 'activity', ACTIVITY, 'requestResponse'],
  [FUNCTION, 'LambdaFunction', 'lambda', FUNCTION, 'requestResponse'],
  [`${FUNCTION}:$LATEST`, 'LambdaFunction', 'lambda', `${FUNCTION}:$LATEST`, 'requestResponse'],
  ['arn:aws:states:::lambda:invoke', 'Task', 'lambda', 'invoke', 'requestResponse'],
  ['arn:aws-cn:states:::lambda:invoke', 'Task', 'lambda', 'invoke', 'requestResponse'],
  ['arn:aws:states:::lambda:invoke.waitForTaskToken', 'Task', 'lambda', 'invoke.waitForTaskToken', 'waitForTaskToken'],
  ['arn:aws:states:::states:startExecution.sync', 'Task', 'states', 'startExecution.sync', 'sync'],
  ['arn:aws:states:::states:startExecution.sync:2', 'Task', 'states', 'startExecution.sync:2', 'sync'],
  ['arn:aws:states:::aws-sdk:s3:getObject', 'Task', 'aws-sdk:s3', 'getObject', 'requestResponse'],
  [
    'arn:aws:states:::aws-sdk:s3:listBuckets.waitForTaskToken',
    'Task',
    'aws-sdk:s3',
    'listBuckets.waitForTaskToken',
    'waitForTaskToken',
  ],
])('reads %s', (text, family, resourceType, resource, pattern) => {
  expect(describeResource(text)).toEqual({ family, resourceType, resource, pattern });
});

test.each([
  '',
  'price',
  'arn:aws:states:::lambda',
  'arn:aws:states:::lambda:invoke.sync:3',
  'arn:aws:states:::lambda:invoke.later',
  'arn:aws:states:::activity:pick',
  'arn:aws:states:eu-west-1:123456789012:stateMachine:cart',
  'arn:aws:lambda:eu-west-1:123456789012:layer:x',
  'arn:aws:s3:::bucket',
])('finds no task in %j', (text) => {
  expect(describeResource(text)).toBeUndefined();
});

test('an activity has its own queue, all else shares the one of the runner', () => {
  expect(queueName(ACTIVITY)).toBe('arn.aws.states.eu-west-1.123456789012.activity.pick');
  expect(queueName(FUNCTION)).toBe(RUNNER_QUEUE);
  expect(queueName('arn:aws:states:::lambda:invoke')).toBe(RUNNER_QUEUE);
});
