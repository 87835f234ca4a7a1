import Type from 'typebox';
import { changeOf, checkEdits, REDRIVE_EDITS } from '../redrive-edits.ts';
import { redrive } from '../redriving.ts';
import type { Routes } from './app.ts';
import { Instant, instant } from './shapes.ts';

const ClientToken = Type.String({ minLength: 1, maxLength: 64, pattern: '^[!-~]+$' });

const Body = Type.Object({
  ...REDRIVE_EDITS,
  clientToken: Type.Optional(ClientToken),
});
const Headers = Type.Object({ 'idempotency-key': Type.Optional(ClientToken) });

/** `/executions/{executionArn}/redrive`: to go on where an execution ended without success, with edits. */
export const redriving: Routes = (app, { contextOf }) => {
  app.post(
    '/executions/:executionArn/redrive',
    {
      schema: {
        tags: ['Executions'],
        operationId: 'redriveExecution',
        summary: 'Go on where an execution ended without success, as it was or with edits',
        description: [
          'Once for each client token (`clientToken`, else the header Idempotency-Key) within 15 minutes. An execution that cannot be redriven,',
          'or not with these edits, is a 409.',
        ].join(' '),
        params: Type.Object({ executionArn: Type.String({ maxLength: 256 }) }),
        headers: Headers,
        body: Body,
        response: { 200: Type.Object({ redriveDate: Instant }) },
      },
      config: { access: 'operate' },
    },
    async (request, reply) => {
      const context = contextOf(request, reply);
      const { clientToken, ...edits } = request.body;
      const { 'idempotency-key': key } = request.headers;
      checkEdits(edits, context);
      const token = clientToken ?? (typeof key === 'string' ? key : context.attemptId);
      const redriveMs = await redrive(request.params.executionArn, token, context, (execution) =>
        changeOf(edits, execution, context),
      );
      return { redriveDate: instant(redriveMs) };
    },
  );
};
