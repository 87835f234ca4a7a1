import Type from 'typebox';
import { DefinitionError, type Exploration, exploreText } from '../../engine/index.ts';
import { ApiError, apiError } from '../errors.ts';
import { validateStateMachineDefinition } from '../operations/validate-state-machine-definition.ts';
import { MachineType, oneOf } from '../shapes.ts';
import type { Routes } from './app.ts';
import { Data, JsonOrText, jsonText } from './shapes.ts';

const tags = ['Definitions'];
const DEFINITION = { StartAt: 'Greet', States: { Greet: { Type: 'Pass', End: true } } };
const Definition = JsonOrText('The definition in the Amazon States Language', DEFINITION);
const Severity = oneOf('ERROR', 'WARNING');

const Validation = Type.Object(
  {
    result: oneOf('OK', 'FAIL'),
    diagnostics: Type.Array(
      Type.Object(
        {
          severity: Severity,
          code: Type.String(),
          message: Type.String(),
          location: Type.Optional(Type.String({ description: 'JSON pointer in the definition.' })),
        },
        { title: 'Diagnostic' },
      ),
    ),
    truncated: Type.Boolean(),
  },
  { title: 'Validation', examples: [{ result: 'OK', diagnostics: [], truncated: false }] },
);

const validate: Routes = (app, { call }) => {
  app.post(
    '/definitions/validate',
    {
      schema: {
        tags,
        operationId: 'validateDefinition',
        summary: 'What is wrong with a definition',
        body: Type.Object(
          {
            definition: Definition,
            type: Type.Optional(MachineType),
            severity: Type.Optional(Severity),
            maxResults: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
          },
          { examples: [{ definition: DEFINITION, severity: 'WARNING' }] },
        ),
        response: { 200: Validation },
      },
      config: { access: 'read' },
    },
    async (request, reply) => {
      const input = { ...request.body, definition: jsonText(request.body.definition) };
      return call(validateStateMachineDefinition, input, request, reply);
    },
  );
};

const explore: Routes = (app, { config }) => {
  app.post(
    '/definitions/explore',
    {
      schema: {
        tags,
        operationId: 'exploreDefinition',
        summary: 'What can happen to the executions of a definition',
        description:
          'What `stepyard explore` tells, found without running anything: see docs/explore.md. The command looks at more situations than this does: `bounded` says whether there were more.',
        body: Type.Object(
          {
            definition: Definition,
            maxSituations: Type.Integer({
              minimum: 1,
              maximum: MAX_SITUATIONS,
              default: MAX_SITUATIONS,
            }),
          },
          { examples: [{ definition: DEFINITION }] },
        ),
        response: {
          200: Type.Unsafe<Exploration>(
            Data<Exploration>(
              'Exploration',
              'States that are `reached` and `unreachable`, all `ends`, `findings` with the way to each, `compensations`, and what becomes of the work done at each of `failurePoints`.',
            ),
          ),
        },
      },
      config: { access: 'read', problems: ['InvalidDefinition'] },
    },
    async ({ body: { definition, maxSituations } }) => {
      const text = jsonText(definition);
      if (Buffer.byteLength(text) > config.maxDefinitionBytes) {
        throw apiError('ValidationException', `A definition has at most ${config.maxDefinitionBytes} bytes.`);
      }
      try {
        return await exploreText(text, { maxSituations });
      } catch (error) {
        if (!(error instanceof DefinitionError)) throw error;
        throw new ApiError('InvalidDefinition', error.message);
      }
    },
  );
};

/** Exploring holds up everything else in the process: it may take a part of a second here. The command goes further. */
const MAX_SITUATIONS = 2_000;

/** `/definitions`: what can be said of a definition that need not be anybody's. */
export const definitions: Routes = (app, deps) => {
  for (const add of [validate, explore]) add(app, deps);
};
