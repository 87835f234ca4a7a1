import { SFNClient } from '@aws-sdk/client-sfn';

/**
 * The AWS SDK, pointed at a server of one's own: the endpoint is the only thing that differs from AWS.
 *
 * @param endpoint where the server listens, such as `http://127.0.0.1:8083`
 */
export function createClient(endpoint: string): SFNClient {
  return new SFNClient({
    endpoint,
    region: process.env['AWS_REGION'] ?? 'us-east-1',
    // The SDK signs every request; a server without access keys takes any signature.
    ...(process.env['AWS_ACCESS_KEY_ID'] ? {} : { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
    maxAttempts: 5,
    // Every long poll holds a socket for up to a minute. The default of 50 would leave none for the answers.
    requestHandler: { httpAgent: { maxSockets: 1000 } },
  });
}
