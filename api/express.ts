import type { ExpressStart } from '../engine/index.ts';
import { expressArn, parseArn } from '../schemas/arn.ts';
import { apiError } from './errors.ts';
import { machineSettings } from './machine-settings.ts';
import type { Context } from './operation.ts';
import { type AskedStart, newRecord } from './start-request.ts';

/** An Express execution that has begun in this process. */
export type BegunExpress = Extract<ExpressStart, { outcome: 'started' }> & { readonly executionArn: string };

/**
 * Begins an Express execution. The same name again begins another one.
 *
 * @throws ApiError ThrottlingException when this process runs as many as it may, ServiceUnavailable when it stops
 */
export async function beginExpress(asked: AskedStart, context: Context): Promise<BegunExpress> {
  const { machine, name } = asked;
  const executionArn = expressArn(parseArn(machine.stateMachineArn), machine.name, name, context.ids.uuid());
  const { loggingConfiguration } = machineSettings(machine);
  const begun = await context.express.start(newRecord(executionArn, asked, context), loggingConfiguration);
  switch (begun.outcome) {
    case 'started':
      return { ...begun, executionArn };
    case 'busy':
      throw apiError('ThrottlingException');
    case 'stopped':
      throw apiError('ServiceUnavailable', 'The server is stopping');
  }
}
