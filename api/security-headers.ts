import type { FastifyHelmetOptions } from '@fastify/helmet';

/** What every answer tells browsers: nothing here is a page. Those that are pages have a policy of their own. */
export const SECURITY_HEADERS: FastifyHelmetOptions = {
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  // Behind TLS, whoever ends it decides for how long.
  strictTransportSecurity: false,
};
