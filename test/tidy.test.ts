import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { findIn } from './support/findings.ts';

/** The habits that the project holds itself to. There is no list of exemptions: what does not fit is split. */

const LONGEST_FILE = 400;
const LONGEST_FUNCTION = 60;
const FOLDERS = ['.', 'api', 'bench', 'cli', 'engine', 'examples', 'schemas', 'scripts', 'test', 'worker'];
const CODE = /\.(ts|mjs|cjs)$/;
const CORE = /^engine\/(asl|explain|explore|interpreter|query)\//;
const TEST = /^test\//;
const SAYS_NOTHING = /^(utils?|helpers?|common|manager|misc)\./;
/** With a class in each, so that this file does not find itself. Tests may show that something does not compile. */
const SILENCERS = /biome-[i]gnore|@ts-[i]gnore|@ts-[n]ocheck|jscpd:[i]gnore|v8 [i]gnore/;
const COMPILES_NOT = /@ts-[e]xpect-error/;

const root = fileURLToPath(new URL('..', import.meta.url));
const files = FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap(filesOf);
const texts = files.map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
const code = texts.filter(({ file }) => CODE.test(file));
const findings = code.map(({ file, text }) => ({ file, ...findIn(file, text, !TEST.test(file)) }));

describe('the sources', () => {
  test('are found', () => {
    expect(files).toEqual(
      expect.arrayContaining(['cli/main.ts', 'scripts/run.mjs', 'test/tidy.test.ts', 'vitest.config.ts']),
    );
  });

  test(`have files of at most ${LONGEST_FILE} lines`, () => {
    const lengths = texts.map(({ file, text }) => ({ file, lines: text.split('\n').length - 1 }));
    expect(lengths.filter(({ lines }) => lines > LONGEST_FILE)).toEqual([]);
  });

  test(`have functions of at most ${LONGEST_FUNCTION} lines`, () => {
    const long = findings.flatMap(({ file, functions }) =>
      functions.filter(({ lines }) => lines > LONGEST_FUNCTION).map(({ line, lines }) => `${file}:${line}: ${lines}`),
    );
    expect(long).toEqual([]);
  });

  test('never say any', () => {
    expect(findings.flatMap(({ file, anys }) => anys.map(({ line }) => `${file}:${line}`))).toEqual([]);
  });

  test('read no clock and draw no chance in the core', () => {
    const impure = findings
      .filter(({ file }) => CORE.test(file))
      .flatMap(({ file, impurities }) => impurities.map(({ line, name }) => `${file}:${line}: ${name}`));
    expect(impure).toEqual([]);
  });

  test('silence no tool', () => {
    const silent = code.filter(
      ({ file, text }) => SILENCERS.test(text) || (!TEST.test(file) && COMPILES_NOT.test(text)),
    );
    expect(silent.map(({ file }) => file)).toEqual([]);
  });

  test('have names that say what is inside, in kebab-case', () => {
    const names = files.filter((file) => SAYS_NOTHING.test(basename(file)) || !/^[.a-z0-9-]+$/.test(basename(file)));
    expect(names).toEqual([]);
  });
});

describe('what counts', () => {
  const body = (lines: number) => '  f();\n'.repeat(lines);

  test('of a function are all its lines', () => {
    const text = `\nexport const f = () => {\n${body(3)}};\nclass A {\n  m() {\n${body(2)}  }\n}`;
    expect(findIn('a.ts', text, true).functions).toEqual([
      { line: 2, lines: 5 },
      { line: 8, lines: 4 },
    ]);
  });

  test('in a test is what is not inside another function', () => {
    const text = `describe('a', () => {\n  test('b', () => {\n${body(9)}  });\n});`;
    expect(findIn('a.test.ts', text, false).functions.map(({ lines }) => lines)).toEqual([4, 11]);
  });

  test('is any, the clock and chance, wherever they are', () => {
    const text = [
      'let a: Map<string, any>;',
      'const b = new Date();',
      'const c = Math.random() + Math.floor(1);',
      'const { random } = Math;',
      'const d = x.Date + { Date: 1 }.Date;',
      'const e = globalThis.performance;',
    ];
    const { anys, impurities } = findIn('a.ts', text.join('\n'), true);
    expect(anys).toEqual([{ line: 1, name: 'any' }]);
    expect(impurities.map(({ line, name }) => `${line} ${name}`)).toEqual([
      '2 Date',
      '3 Math',
      '4 Math',
      '6 globalThis',
    ]);
  });
});

function filesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: folder !== '.', withFileTypes: true })
    .filter((entry) => entry.isFile() && (CODE.test(entry.name) || entry.name.endsWith('.lua')))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
}
