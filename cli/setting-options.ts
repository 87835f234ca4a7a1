import { Option } from 'commander';
import Type, { type TSchema } from 'typebox';
import { type Config, type Flags, readConfig, SETTINGS, type Setting, type SettingName } from '../schemas/config.ts';
import { StartError } from './start-error.ts';

/** Settings on the command line. */

/** The option of a setting. */
export function settingOption(name: SettingName): Option {
  const { flag, env, schema, default: fallback, about }: Setting = SETTINGS[name];
  const placeholder = placeholderOf(schema);
  const otherwise = fallback === undefined || !placeholder ? '' : `, default ${String(fallback)}`;
  const option = new Option(`--${flag}${placeholder}`, `${about} [${env}${otherwise}]`);
  // Commander would name it after the flag; settings are looked up by their own name.
  option.attributeName = () => name;
  return option;
}

function placeholderOf(schema: TSchema): string {
  if (Type.IsBoolean(schema)) return '';
  if (Type.IsEnum(schema)) return ` <${schema.enum.join('|')}>`;
  return Type.IsString(schema) ? ' <text>' : ' <number>';
}

/** @throws StartError with everything that is wrong with the settings */
export function configFrom(flags: Flags): Config {
  const result = readConfig(process.env, flags);
  if (result.ok) return result.config;
  throw new StartError(`Stepyard cannot start:\n${result.problems.map((problem) => `  ${problem}.`).join('\n')}`);
}
