import { expect, test } from 'vitest';
import { formatTraceparent, formatXRayHeader, parseGivenTrace, parseTraceparent } from '../../schemas/trace.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

test.each([
  [`00-${TRACE}-${SPAN}-01`, { traceId: TRACE, spanId: SPAN, sampled: true }],
  [`00-${TRACE}-${SPAN}-00`, { traceId: TRACE, spanId: SPAN, sampled: false }],
  [`cc-${TRACE}-${SPAN}-03`, { traceId: TRACE, spanId: SPAN, sampled: true }],
  [`ff-${TRACE}-${SPAN}-01`, undefined],
  [`00-${'0'.repeat(32)}-${SPAN}-01`, undefined],
  [`00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
  [`00-${TRACE.toUpperCase()}-${SPAN}-01`, undefined],
  [`00-${TRACE}-${SPAN}`, undefined],
  ['', undefined],
])('the header %o says %o', (text, context) => {
  expect(parseTraceparent(text)).toEqual(context);
});

test.each([
  [
    'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
    { traceId: '5759e988bd862e3fe1be46a994272793', parentSpanId: '53995c3f42cd8ad8', sampled: true },
  ],
  [
    'Self=1-1-1; root=1-5759E988-BD862E3FE1BE46A994272793',
    { traceId: '5759e988bd862e3fe1be46a994272793', parentSpanId: undefined, sampled: undefined },
  ],
  [
    'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=?;Parent=x',
    { traceId: '5759e988bd862e3fe1be46a994272793', parentSpanId: undefined, sampled: undefined },
  ],
  ['Root=1-2-3', undefined],
  [`00-${TRACE}-${SPAN}-00`, { traceId: TRACE, parentSpanId: SPAN, sampled: false }],
])('what an execution was given, %o, says %o', (text, trace) => {
  expect(parseGivenTrace(text)).toEqual(trace);
});

test.each([true, false])('both headers read back (sampled: %s)', (sampled) => {
  const context = { traceId: TRACE, spanId: SPAN, sampled };
  expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
  expect(parseGivenTrace(formatXRayHeader(context))).toEqual({ traceId: TRACE, parentSpanId: SPAN, sampled });
});
