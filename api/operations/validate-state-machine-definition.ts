import Type from 'typebox';
import { operation } from '../operation.ts';
import { Definition, MachineType, oneOf } from '../shapes.ts';

const Severity = oneOf('ERROR', 'WARNING');

export const validateStateMachineDefinition = operation({
  name: 'ValidateStateMachineDefinition',
  input: Type.Object({
    definition: Definition,
    type: Type.Optional(MachineType),
    severity: Type.Optional(Severity),
    maxResults: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
  }),
  output: Type.Object({
    result: oneOf('OK', 'FAIL'),
    diagnostics: Type.Array(
      Type.Object({
        severity: Severity,
        code: Type.String(),
        message: Type.String(),
        location: Type.Optional(Type.String()),
      }),
    ),
    truncated: Type.Boolean(),
  }),
  errors: [],
  async handle({ definition, type = 'STANDARD', severity = 'ERROR', maxResults }, { machines }) {
    const { problems } = machines.check(definition, type);
    const asked = problems.filter((problem) => problem.severity === 'ERROR' || severity === 'WARNING');
    const limit = maxResults || 100;
    const failed = problems.some((problem) => problem.severity === 'ERROR');
    return {
      result: failed ? ('FAIL' as const) : ('OK' as const),
      diagnostics: asked
        .slice(0, limit)
        .map(({ severity, code, message, location }) => ({ severity, code, message, location })),
      truncated: asked.length > limit,
    };
  },
});
