/**
 * What every answer tells browsers: nothing here is a page, to be framed, or for other sites. Those that are pages say so
 * with a policy of their own. The same for all, so that it costs nothing to make.
 */
export const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;
