import Type from 'typebox';
import { listStateMachineAliases } from '../operations/list-state-machine-aliases.ts';
import { listStateMachineVersions } from '../operations/list-state-machine-versions.ts';
import type { Routes } from './app.ts';
import { Instant, instantOf, MachineParams, Next, Page } from './shapes.ts';

const tags = ['State machines'];

const versions: Routes = (app, { call }) => {
  app.get(
    '/state-machines/:stateMachineArn/versions',
    {
      schema: {
        tags,
        operationId: 'listStateMachineVersions',
        summary: 'The versions of a state machine, the newest first',
        params: MachineParams,
        querystring: Type.Object(Page),
        response: {
          200: Type.Object(
            {
              stateMachineVersions: Type.Array(
                Type.Object(
                  { stateMachineVersionArn: Type.String(), creationDate: Instant },
                  { title: 'StateMachineVersion' },
                ),
              ),
              nextToken: Next,
            },
            { title: 'VersionPage' },
          ),
        },
      },
      config: { access: 'read', problems: listStateMachineVersions.errors },
    },
    async (request, reply) => {
      const input = { ...request.params, ...request.query };
      const page = await call(listStateMachineVersions, input, request, reply);
      return {
        stateMachineVersions: page.stateMachineVersions.map((version) => ({
          ...version,
          creationDate: instantOf(version.creationDate),
        })),
        nextToken: page.nextToken,
      };
    },
  );
};

const aliases: Routes = (app, { call }) => {
  app.get(
    '/state-machines/:stateMachineArn/aliases',
    {
      schema: {
        tags,
        operationId: 'listStateMachineAliases',
        summary: 'The aliases of a state machine, in the order of their creation',
        params: MachineParams,
        querystring: Type.Object(Page),
        response: {
          200: Type.Object(
            {
              stateMachineAliases: Type.Array(
                Type.Object(
                  { stateMachineAliasArn: Type.String(), creationDate: Instant },
                  { title: 'StateMachineAlias' },
                ),
              ),
              nextToken: Next,
            },
            { title: 'AliasPage' },
          ),
        },
      },
      config: { access: 'read', problems: listStateMachineAliases.errors },
    },
    async (request, reply) => {
      const input = { ...request.params, ...request.query };
      const page = await call(listStateMachineAliases, input, request, reply);
      return {
        stateMachineAliases: page.stateMachineAliases.map((alias) => ({
          ...alias,
          creationDate: instantOf(alias.creationDate),
        })),
        nextToken: page.nextToken,
      };
    },
  );
};

/** `/state-machines/{stateMachineArn}/versions` and `…/aliases`. */
export const published: Routes = (app, deps) => {
  for (const add of [versions, aliases]) add(app, deps);
};
