import Type from 'typebox';
import { ROLES } from '../../schemas/access-key.ts';
import type { Act } from '../auth/audit.ts';
import type { Caller } from '../auth/caller.ts';
import type { Gate } from '../auth/gate.ts';
import { apiError } from '../errors.ts';
import type { Routes } from './app.ts';

const tags = ['Session'];

/** Who asks is not known yet, so no more is read than a token needs. */
const LONGEST_BODY = 1024;

const WhoAmI = Type.Object({
  keyId: Type.String({ description: 'The id of the access key; `anybody` as long as there are no keys.' }),
  name: Type.Optional(Type.String()),
  role: Type.Enum([...ROLES]),
});

/** `/session`: logging in and out with a cookie, as browsers do. */
export const session: Routes = (app, { gate, sessions }) => {
  app.post(
    '/session',
    {
      bodyLimit: LONGEST_BODY,
      schema: {
        tags,
        operationId: 'logIn',
        summary: 'Log in with an access key: later requests are known by a cookie',
        body: Type.Object({ token: Type.String({ maxLength: 200, description: 'Access key id, dot, secret.' }) }),
        response: { 200: WhoAmI },
      },
      config: { access: 'anybody' },
    },
    async (request, reply) => {
      const asked = { operation: 'POST /api/v1/session', requestId: request.id, from: request.ip };
      const key = await letIn(gate, request.body.token, asked);
      await sessions.open(key.id, request, reply);
      gate.audit.changed({ caller: key, ...asked }, 'ok');
      return { keyId: key.id, name: key.name, role: key.role };
    },
  );

  app.get(
    '/session',
    {
      schema: { tags, operationId: 'whoAmI', summary: 'Who is logged in', response: { 200: WhoAmI } },
      config: { access: 'known' },
    },
    async ({ caller }) => {
      if (!caller) throw apiError('MissingAuthenticationTokenException');
      return { keyId: caller.id, name: caller.name, role: caller.role };
    },
  );

  app.delete(
    '/session',
    {
      schema: { tags, operationId: 'logOut', summary: 'Log out', response: { 204: Type.Null() } },
      config: { access: 'anybody' },
    },
    async (request, reply) => {
      await sessions.close(request, reply);
      return reply.code(204).send(null);
    },
  );
};

/** Whose token it is. A session is kept for hours, so opening one counts for the limit of the key. */
async function letIn(gate: Gate, token: string, asked: Omit<Act, 'caller'>): Promise<Caller> {
  let caller: Caller | undefined;
  try {
    caller = await gate.bearer(token);
    await gate.throttle(caller);
    return caller;
  } catch (error) {
    gate.told(error, { key: caller?.id, ...asked });
    throw error;
  }
}
