import Type from 'typebox';
import { operation } from '../operation.ts';
import { pageLimit, pageToken, textPosition } from '../page-token.ts';
import { MaxResults, PageToken, seconds, Timestamp } from '../shapes.ts';

const LIST = 'activities';

export const listActivities = operation({
  name: 'ListActivities',
  input: Type.Object({ maxResults: Type.Optional(MaxResults), nextToken: Type.Optional(PageToken) }),
  output: Type.Object({
    activities: Type.Array(Type.Object({ activityArn: Type.String(), name: Type.String(), creationDate: Timestamp })),
    nextToken: Type.Optional(Type.String()),
  }),
  errors: ['InvalidToken'],
  async handle({ maxResults, nextToken }, { store }) {
    const after = textPosition(LIST, nextToken);
    const limit = pageLimit(maxResults);
    const { activities, more } = await store.registry.listActivities({ limit, ...(after !== undefined && { after }) });
    const last = activities.at(-1);
    return {
      activities: activities.map(({ activityArn, name, creationMs }) => ({
        activityArn,
        name,
        creationDate: seconds(creationMs),
      })),
      nextToken: more && last ? pageToken(LIST, last.name) : undefined,
    };
  },
});
