import { SETTINGS, type Setting } from '../../schemas/config.ts';
import { code, page, table } from './markdown.ts';

const ABOUT = `Every setting of ${code('stepyard server')} is a flag and an environment variable. A flag wins over its variable, a variable over
the default; an empty variable counts as unset. With ${code('npm start')}, flags come behind two hyphens: ${code('npm start -- --port 9000')}.`;

export function settingsPage(): string {
  const rows = Object.values<Setting>(SETTINGS).map(({ flag, env, must, default: fallback, about }) => [
    code(env),
    code(`--${flag}`),
    fallback === undefined ? '' : code(String(fallback)),
    about,
    rangeOf(must),
  ]);
  return page('Settings', ABOUT, table(['Variable', 'Flag', 'Default', 'About', 'Value'], rows));
}

/** From "must be a number" to "a number". A boolean flag takes no value. */
const rangeOf = (must: string): string =>
  must === 'must be true or false'
    ? 'true or false; the flag alone is true'
    : must.replace(/^must (be )?/, '').replace(/^begin /, 'text that begins ');
