import { context } from '@opentelemetry/api';
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-base';
import type { GivenTrace } from '../../../schemas/trace.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a trace is sent. The same for the same trace in every process. */
export type Sampling = (trace: GivenTrace) => boolean;

const PARENT_BASED = 'parentbased_';

/**
 * What OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG ask for (OpenTelemetry: "SDK configuration").
 *
 * @throws Error for what they do not know, in a sentence
 */
export function samplingFrom(env: Environment): Sampling {
  const name = env['OTEL_TRACES_SAMPLER'] || 'parentbased_always_on';
  const follows = name.startsWith(PARENT_BASED);
  const decide = rootSampling(follows ? name.slice(PARENT_BASED.length) : name, name, env['OTEL_TRACES_SAMPLER_ARG']);
  return (trace) => (follows ? (trace.sampled ?? decide(trace)) : decide(trace));
}

function rootSampling(kind: string, name: string, argument: string | undefined): Sampling {
  switch (kind) {
    case 'always_on':
      return () => true;
    case 'always_off':
      return () => false;
    case 'traceidratio': {
      const ratio = Number(argument || 1);
      if (!(ratio >= 0 && ratio <= 1)) {
        throw new Error(`OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, not ${JSON.stringify(argument)}`);
      }
      const sampler = new TraceIdRatioBasedSampler(ratio);
      return ({ traceId }) => {
        const { decision } = sampler.shouldSample(context.active(), traceId);
        return decision === SamplingDecision.RECORD_AND_SAMPLED;
      };
    }
    default:
      throw new Error(
        `OTEL_TRACES_SAMPLER must be always_on, always_off, traceidratio, or one of them behind parentbased_, not ${JSON.stringify(name)}`,
      );
  }
}
