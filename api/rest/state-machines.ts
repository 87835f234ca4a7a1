import Type from 'typebox';
import { createStateMachine } from '../operations/create-state-machine.ts';
import { describeStateMachine } from '../operations/describe-state-machine.ts';
import { listStateMachines } from '../operations/list-state-machines.ts';
import { updateStateMachine } from '../operations/update-state-machine.ts';
import {
  Description,
  EncryptionConfiguration,
  LoggingConfiguration,
  MachineType,
  Name,
  RoleArn,
  Tags,
  TracingConfiguration,
} from '../shapes.ts';
import type { Routes } from './app.ts';
import { Instant, instantOf, JsonOrText, jsonText, MACHINE_ARN, MachineParams, Next, Page } from './shapes.ts';

const tags = ['State machines'];

const EXAMPLE = {
  stateMachineArn: MACHINE_ARN,
  name: 'orders',
  type: 'STANDARD',
  creationDate: '2026-01-31T12:00:00.000Z',
};
const DEFINITION = { StartAt: 'Greet', States: { Greet: { Type: 'Pass', End: true } } };
const ROLE = 'arn:aws:iam::000000000000:role/any';

const SUMMARY = { stateMachineArn: Type.String(), name: Type.String(), type: MachineType, creationDate: Instant };
const Summary = Type.Object(SUMMARY, { title: 'StateMachineSummary', examples: [EXAMPLE] });

const Machine = Type.Object(
  {
    ...SUMMARY,
    definition: Type.String({ description: 'The definition as it was written: a JSON text.' }),
    roleArn: Type.String(),
    revisionId: Type.Optional(Type.String({ description: 'Absent until the machine is updated.' })),
    description: Type.Optional(Type.String({ description: 'Of a version.' })),
    loggingConfiguration: LoggingConfiguration,
    tracingConfiguration: TracingConfiguration,
    encryptionConfiguration: EncryptionConfiguration,
  },
  {
    title: 'StateMachine',
    examples: [
      {
        ...EXAMPLE,
        definition: JSON.stringify(DEFINITION),
        roleArn: ROLE,
        loggingConfiguration: { level: 'OFF', includeExecutionData: false },
        tracingConfiguration: { enabled: false },
        encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
      },
    ],
  },
);

const SETTINGS = {
  loggingConfiguration: Type.Optional(LoggingConfiguration),
  tracingConfiguration: Type.Optional(TracingConfiguration),
  encryptionConfiguration: Type.Optional(EncryptionConfiguration),
  publish: Type.Optional(Type.Boolean({ description: 'Whether to publish a version, too.' })),
  versionDescription: Type.Optional(Description),
};

const Version = Type.Optional(Type.String({ description: 'The version that was published.' }));

const list: Routes = (app, { call }) => {
  app.get(
    '/state-machines',
    {
      schema: {
        tags,
        operationId: 'listStateMachines',
        summary: 'All state machines, by name',
        querystring: Type.Object(Page),
        response: {
          200: Type.Object({ stateMachines: Type.Array(Summary), nextToken: Next }, { title: 'StateMachinePage' }),
        },
      },
      config: { access: 'read', problems: listStateMachines.errors },
    },
    async (request, reply) => {
      const page = await call(listStateMachines, request.query, request, reply);
      return {
        stateMachines: page.stateMachines.map((machine) => ({
          ...machine,
          creationDate: instantOf(machine.creationDate),
        })),
        nextToken: page.nextToken,
      };
    },
  );
};

const get: Routes = (app, { call }) => {
  app.get(
    '/state-machines/:stateMachineArn',
    {
      schema: {
        tags,
        operationId: 'getStateMachine',
        summary: 'One state machine with its definition',
        description: 'Of a version or an alias: what it runs.',
        params: MachineParams,
        response: { 200: Machine },
      },
      config: { access: 'read', problems: describeStateMachine.errors },
    },
    async (request, reply) => {
      const { status: _status, ...machine } = await call(describeStateMachine, request.params, request, reply);
      return { ...machine, creationDate: instantOf(machine.creationDate) };
    },
  );
};

const create: Routes = (app, { call }) => {
  app.post(
    '/state-machines',
    {
      schema: {
        tags,
        operationId: 'createStateMachine',
        summary: 'Create a state machine',
        description: 'One that is there already and is the same is answered as if it were new.',
        body: Type.Object(
          {
            name: Name,
            definition: JsonOrText('The definition in the Amazon States Language', DEFINITION),
            roleArn: RoleArn,
            type: Type.Optional(MachineType),
            tags: Type.Optional(Tags),
            ...SETTINGS,
          },
          { examples: [{ name: 'orders', definition: DEFINITION, roleArn: ROLE }] },
        ),
        response: {
          201: Type.Object(
            { stateMachineArn: Type.String(), creationDate: Instant, stateMachineVersionArn: Version },
            {
              title: 'CreatedStateMachine',
              examples: [{ stateMachineArn: MACHINE_ARN, creationDate: EXAMPLE.creationDate }],
            },
          ),
        },
      },
      config: { access: 'operate', idempotent: true, problems: createStateMachine.errors },
    },
    async (request, reply) => {
      const { definition, ...asked } = request.body;
      const input = { ...asked, definition: jsonText(definition) };
      const created = await call(createStateMachine, input, request, reply);
      const { url } = request.routeOptions;
      reply.code(201).header('location', `${url}/${encodeURIComponent(created.stateMachineArn)}`);
      return { ...created, creationDate: instantOf(created.creationDate) };
    },
  );
};

const update: Routes = (app, { call }) => {
  app.put(
    '/state-machines/:stateMachineArn',
    {
      schema: {
        tags,
        operationId: 'updateStateMachine',
        summary: 'Update a state machine',
        description: 'What is not given stays as it is. Executions that are open go on as they began.',
        params: MachineParams,
        body: Type.Object(
          {
            definition: Type.Optional(JsonOrText('The definition in the Amazon States Language', DEFINITION)),
            roleArn: Type.Optional(RoleArn),
            ...SETTINGS,
          },
          { examples: [{ definition: DEFINITION }] },
        ),
        response: {
          200: Type.Object(
            { updateDate: Instant, revisionId: Type.Optional(Type.String()), stateMachineVersionArn: Version },
            { title: 'UpdatedStateMachine' },
          ),
        },
      },
      config: { access: 'operate', idempotent: true, problems: updateStateMachine.errors },
    },
    async (request, reply) => {
      const { definition, ...asked } = request.body;
      const input = {
        ...asked,
        ...request.params,
        ...(definition !== undefined && { definition: jsonText(definition) }),
      };
      const updated = await call(updateStateMachine, input, request, reply);
      return { ...updated, updateDate: instantOf(updated.updateDate) };
    },
  );
};

/** `/state-machines`: what can be started. */
export const stateMachines: Routes = (app, deps) => {
  for (const add of [list, get, create, update]) add(app, deps);
};
