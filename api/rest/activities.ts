import Type, { type TSchema } from 'typebox';
import { type ActivityNumbers, compilePriorityPath } from '../../engine/index.ts';
import type { ActivityRecord } from '../../engine/store/store.ts';
import { type ActivityLimits, BOUNDS, PRIORITIES } from '../../schemas/activity.ts';
import { apiError } from '../errors.ts';
import { describeActivity } from '../operations/describe-activity.ts';
import { listActivities } from '../operations/list-activities.ts';
import type { RestDeps, Routes } from './app.ts';
import { ActivityParams, Instant, instant, Next, Page } from './shapes.ts';

const tags = ['Activities'];

const { maxConcurrency, ratePerSecond, burst } = BOUNDS;
const BOUND = {
  maxConcurrency: Type.Integer({
    ...maxConcurrency,
    description: 'Tasks in progress at a time: handed out, not ended.',
  }),
  ratePerSecond: Type.Number({ ...ratePerSecond, description: 'Tasks handed out per second in the long run.' }),
  burst: Type.Integer({
    ...burst,
    description: 'Tasks handed out at once after a quiet time; else those of a second.',
  }),
  priority: Type.String({
    maxLength: 256,
    examples: ['$.order.rank'],
    description: `A reference path into the input of a task, to an integer from ${PRIORITIES.first}, which is first, to ${PRIORITIES.last}. Tasks without one come last.`,
  }),
};

const Limits = Type.Partial(Type.Object(BOUND), {
  title: 'ActivityLimits',
  description: 'What is absent does not bound.',
  examples: [{ maxConcurrency: 5, ratePerSecond: 2, burst: 10 }],
});

/** In a request null says the same as nothing. */
const orNull = <T extends TSchema>(bound: T) => Type.Optional(Type.Union([bound, Type.Null()]));
const NewLimits = Type.Object(
  {
    maxConcurrency: orNull(BOUND.maxConcurrency),
    ratePerSecond: orNull(BOUND.ratePerSecond),
    burst: orNull(BOUND.burst),
    priority: orNull(BOUND.priority),
  },
  { additionalProperties: false, examples: [{ maxConcurrency: 5, ratePerSecond: 2, burst: 10, priority: null }] },
);

const Count = Type.Integer({ minimum: 0 });
const Statistics = Type.Object(
  {
    waitingTasks: Count,
    oldestWaitingSeconds: Type.Optional(Type.Number({ description: 'Of the task that has waited longest.' })),
    tasksInProgress: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Of an activity with maxConcurrency or ratePerSecond, or paused.' }),
    ),
    pollers: Type.Integer({ minimum: 0, description: 'Polls that wait for a task, up to some seconds ago.' }),
    workers: Type.Array(Type.Object({ name: Type.String(), lastSeenDate: Instant }, { title: 'ActivityWorker' }), {
      description: 'Workers that gave a name and polled in the last five minutes, the latest first.',
    }),
    lastHandOutDate: Type.Optional(Instant),
  },
  { title: 'ActivityStatistics' },
);

const SETTINGS = { limits: Limits, paused: Type.Boolean() };
const Activity = Type.Object(
  { activityArn: Type.String(), name: Type.String(), creationDate: Instant, ...SETTINGS, statistics: Statistics },
  { title: 'Activity' },
);
const Settings = Type.Object({ activityArn: Type.String(), ...SETTINGS }, { title: 'ActivitySettings' });

const tellSettings = ({ activityArn, limits = {}, paused }: ActivityRecord) => ({
  activityArn,
  limits,
  paused: paused === true,
});

function tell(activity: ActivityRecord, numbers: ActivityNumbers) {
  const { waitingTasks, oldestWaitingMs, tasksInProgress, pollers, workers, lastHandOutMs } = numbers;
  return {
    ...tellSettings(activity),
    name: activity.name,
    creationDate: instant(activity.creationMs),
    statistics: {
      waitingTasks,
      oldestWaitingSeconds: oldestWaitingMs === undefined ? undefined : Math.round(oldestWaitingMs) / 1000,
      tasksInProgress,
      pollers,
      workers: workers.map(({ name, seenMs }) => ({ name, lastSeenDate: instant(seenMs) })),
      lastHandOutDate: lastHandOutMs === undefined ? undefined : instant(lastHandOutMs),
    },
  };
}

async function tellAll(arns: readonly string[], { store, activityStatistics }: RestDeps) {
  const read = await Promise.all(arns.map((arn) => store.registry.activity(arn)));
  // One that was deleted meanwhile is not told.
  const activities = read.filter((activity) => activity !== undefined);
  const numbers = await activityStatistics.read(activities);
  return activities.flatMap((activity, index) => {
    const told = numbers[index];
    return told ? [tell(activity, told)] : [];
  });
}

const list: Routes = (app, deps) => {
  app.get(
    '/activities',
    {
      schema: {
        tags,
        operationId: 'listActivities',
        summary: 'All activities by name, with their limits and how they stand',
        querystring: Type.Object(Page),
        response: {
          200: Type.Object({ activities: Type.Array(Activity), nextToken: Next }, { title: 'ActivityPage' }),
        },
      },
      config: { access: 'read', problems: listActivities.errors },
    },
    async (request, reply) => {
      const page = await deps.call(listActivities, request.query, request, reply);
      const arns = page.activities.map(({ activityArn }) => activityArn);
      return { activities: await tellAll(arns, deps), nextToken: page.nextToken };
    },
  );
};

const get: Routes = (app, deps) => {
  app.get(
    '/activities/:activityArn',
    {
      schema: {
        tags,
        operationId: 'getActivity',
        summary: 'One activity with its limits and how it stands',
        params: ActivityParams,
        response: { 200: Activity },
      },
      config: { access: 'read', problems: describeActivity.errors },
    },
    async (request, reply) => {
      const { activityArn } = await deps.call(describeActivity, request.params, request, reply);
      const [told] = await tellAll([activityArn], deps);
      if (!told) throw apiError('ActivityDoesNotExist', activityArn);
      return told;
    },
  );
};

const putLimits: Routes = (app, deps) => {
  app.put(
    '/activities/:activityArn/limits',
    {
      schema: {
        tags,
        operationId: 'putActivityLimits',
        summary: 'Set how the tasks of an activity are handed out',
        description: [
          'All of them at once: a limit that is absent or null is removed. They hold within a second, for tasks that are handed out from then',
          'on: those in progress stay. Tasks that wait already keep the priority with which they were queued.',
        ].join(' '),
        params: ActivityParams,
        body: NewLimits,
        response: { 200: Settings },
      },
      config: { access: 'operate', problems: [...describeActivity.errors, 'ValidationException'] },
    },
    async (request, reply) => {
      const limits = limitsIn(request.body);
      checkLimits(limits);
      const { activityArn } = await deps.call(describeActivity, request.params, request, reply);
      const changed = await deps.store.registry.changeActivity(activityArn, { limits });
      if (!changed) throw apiError('ActivityDoesNotExist', activityArn);
      return tellSettings(changed);
    },
  );
};

const limitsIn = (body: object): ActivityLimits =>
  Object.fromEntries(Object.entries(body).filter(([, bound]) => bound !== null));

function checkLimits({ ratePerSecond: rate, burst: atOnce, priority }: ActivityLimits): void {
  if (atOnce !== undefined && rate === undefined) {
    throw apiError('ValidationException', 'burst bounds what ratePerSecond lets through: give both, or neither.');
  }
  if (priority !== undefined && !compilePriorityPath(priority)) {
    throw apiError(
      'ValidationException',
      `priority must be a reference path into the input, such as $.rank: ${priority}`,
    );
  }
}

/** `pause` and `resume`. */
const pausing =
  (verb: 'pause' | 'resume', summary: string, description: string): Routes =>
  (app, deps) => {
    app.post(
      `/activities/:activityArn/${verb}`,
      {
        schema: {
          tags,
          operationId: `${verb}Activity`,
          summary,
          description,
          params: ActivityParams,
          response: { 200: Settings },
        },
        config: { access: 'operate', problems: describeActivity.errors },
      },
      async (request, reply) => {
        const { activityArn } = await deps.call(describeActivity, request.params, request, reply);
        const changed = await deps.store.registry.changeActivity(activityArn, { paused: verb === 'pause' });
        if (!changed) throw apiError('ActivityDoesNotExist', activityArn);
        return tellSettings(changed);
      },
    );
  };

/** `/activities`: their limits, and how they stand. */
export const activities: Routes = (app, deps) => {
  const pause = pausing(
    'pause',
    'Hand out no tasks of an activity',
    'Within a second. Tasks wait, also those that come; their timeouts go on. Tasks in progress are not touched.',
  );
  const resume = pausing('resume', 'Hand out tasks of an activity again', 'Within a second.');
  for (const add of [list, get, putLimits, pause, resume]) add(app, deps);
};
