import Type from 'typebox';
import { operation } from '../operation.ts';
import { pageLimit, pageToken, textPosition } from '../page-token.ts';
import { MachineType, MaxResults, PageToken, seconds, Timestamp } from '../shapes.ts';

const LIST = 'state-machines';

export const listStateMachines = operation({
  name: 'ListStateMachines',
  input: Type.Object({ maxResults: Type.Optional(MaxResults), nextToken: Type.Optional(PageToken) }),
  output: Type.Object({
    stateMachines: Type.Array(
      Type.Object({
        stateMachineArn: Type.String(),
        name: Type.String(),
        type: MachineType,
        creationDate: Timestamp,
      }),
    ),
    nextToken: Type.Optional(Type.String()),
  }),
  errors: ['InvalidToken'],
  async handle({ maxResults, nextToken }, { store }) {
    const after = textPosition(LIST, nextToken);
    const limit = pageLimit(maxResults);
    const { machines, more } = await store.registry.listMachines({ limit, ...(after !== undefined && { after }) });
    const last = machines.at(-1);
    return {
      stateMachines: machines.map(({ stateMachineArn, name, type, creationMs }) => ({
        stateMachineArn,
        name,
        type,
        creationDate: seconds(creationMs),
      })),
      nextToken: more && last ? pageToken(LIST, last.name) : undefined,
    };
  },
});
