import Type from 'typebox';
import { operation } from '../operation.ts';
import { findMapRun } from '../resources.ts';
import { LongArnText, Nothing } from '../shapes.ts';

export const updateMapRun = operation({
  name: 'UpdateMapRun',
  input: Type.Object({
    mapRunArn: LongArnText,
    maxConcurrency: Type.Optional(Type.Integer({ minimum: 0 })),
    toleratedFailurePercentage: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
    toleratedFailureCount: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
  output: Nothing,
  errors: ['InvalidArn', 'ResourceNotFound'],
  async handle({ mapRunArn, maxConcurrency, toleratedFailurePercentage, toleratedFailureCount }, context) {
    await findMapRun(mapRunArn, context);
    const thresholds = {
      ...(maxConcurrency !== undefined && { maxConcurrency }),
      ...(toleratedFailurePercentage !== undefined && { toleratedFailurePercentage }),
      ...(toleratedFailureCount !== undefined && { toleratedFailureCount }),
    };
    const updated = await context.store.mapRuns.update(mapRunArn, thresholds);
    if (updated === 'unknown') throw context.reject('ResourceNotFound', mapRunArn);
    if (updated === 'closed') {
      throw context.reject(
        'ValidationException',
        'Map Run has completed and cannot be updated: CANNOT_UPDATE_COMPLETED_MAP_RUN',
        'CANNOT_UPDATE_COMPLETED_MAP_RUN',
      );
    }
    return {};
  },
});
