// SPDX-License-Identifier: Apache-2.0
// Options in camelCase, the environment and files, to the flat list that the addon takes. Which options there are, only the engine's
// table says (src/option/options.def).
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { addon } from './addon.js';
import { OptionError } from './errors.js';

/** @typedef {import('./addon-types.js').OptionEntry} Entry */
/** @typedef {'engine' | 'provider' | 'rule'} Scope */

const SCOPES = { engine: 0, provider: 1, rule: 2 };
const SECRET_MAX = 16384;
const home = fileURLToPath(new URL('..', import.meta.url));

/** @param {string} name @returns {string} */
export function camel(name) {
  return name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

/** By scope, camelCase name to the entry. @type {Record<Scope, Map<string, Entry>>} */
export const tables = { engine: new Map(), provider: new Map(), rule: new Map() };
for (const entry of addon.options()) tables[entry.scope].set(camel(entry.name), entry);

const names = addon.options().map((entry) => entry.name).filter((name) => name.includes('_'))
  .sort((a, b) => b.length - a.length);
const spelled = new RegExp(`\\b(${names.join('|')})(_file)?\\b`, 'g');

/** The engine's line with the names as they are spelled here. @param {unknown} error @returns {OptionError} */
export function optionError(error) {
  const line = error instanceof Error ? error.message : String(error);
  return new OptionError(line.replace(spelled, (_, name, file = '') => camel(name + file)).replace(/; see docs\/options\.md$/, ''));
}

/** What danger there is in it, an environment must not switch on. */
const NOT_FROM_ENVIRONMENT = new Set(['allow_insecure_http']);

/** @param {Entry} entry @returns {string} */
function environmentName(entry) {
  return `OIDC_${entry.name.toUpperCase()}`;
}

/** The names that are looked up where an option is not given: OIDC_ISSUER, OIDC_CLIENT_ID ... @returns {string[]} */
export function environmentNames() {
  const found = [];
  for (const entry of [...tables.engine.values(), ...tables.provider.values()]) {
    if (NOT_FROM_ENVIRONMENT.has(entry.name)) continue;
    found.push(environmentName(entry));
    if (entry.type === 'secret') found.push(`${environmentName(entry)}_FILE`);
  }
  return found;
}

/**
 * The environment speaks of one provider, where it names one: its secret is for no other.
 * @param {unknown} issuer as the application gives it, if it does
 * @param {string} [variable]
 */
export function environmentIsOf(issuer, variable = 'OIDC_ISSUER') {
  const { [variable]: named } = process.env;
  const plain = (/** @type {unknown} */ each) => String(each).replace(/\/$/, '');
  return !named || issuer === undefined || plain(named) === plain(issuer);
}

/** Where the application called us: the first file that is not ours. @param {string} otherwise @returns {string} */
export function callerPlace(otherwise) {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 20;
  const lines = String(new Error().stack ?? '').split('\n').slice(1); // whoever maps sources may have made it something else
  Error.stackTraceLimit = before;
  for (const line of lines) {
    const found = line.match(/\(?((?:file:\/\/)?[^()\s]*[\\/][^()]*?):(\d+):\d+\)?$/);
    if (!found || found[1].startsWith('node:')) continue;
    const file = found[1].startsWith('file://') ? fileURLToPath(found[1]) : found[1];
    if (!file.startsWith(home)) return `${file}:${found[2]}`;
  }
  return otherwise;
}

/** @param {string} a @param {string} b @returns {number} how many letters are to be changed */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1].toLowerCase() === b[j - 1].toLowerCase() ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}

/** @param {string} name @param {Iterable<string>} known @param {string} place @returns {OptionError} */
export function unknownOption(name, known, place) {
  const [nearest] = [...known].map((each) => ({ each, far: distance(name, each) })).sort((a, b) => a.far - b.far);
  const near = nearest && nearest.far <= Math.max(2, name.length / 3) ? `; did you mean ${nearest.each}?` : '';
  return new OptionError(`${place}: ${name}: is not an option here${near}`);
}

/** @param {string} path @param {string} name @param {string} place @returns {string} */
function readSecretFile(path, name, place) {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new OptionError(`${place}: ${name}: cannot be read: ${/** @type {any} */ (error).code ?? 'error'}: ${path}`);
  }
  text = text.replace(/\r?\n$/, '');
  if (!text || text.length > SECRET_MAX) throw new OptionError(`${place}: ${name}: is empty or too large: ${path}`);
  return text;
}

/** @param {Entry} entry @param {unknown} value @param {string} name @param {string} place @returns {string[]} */
function texts(entry, value, name, place) {
  const wrong = () => new OptionError(`${place}: ${name}: has a value of a kind that it cannot have`);
  if (value === null || typeof value === 'function' || typeof value === 'symbol') throw wrong();
  if (entry.type === 'flag') {
    if (typeof value === 'boolean') return [value ? 'on' : 'off'];
    if (value === 'on' || value === 'off') return [value];
    throw wrong();
  }
  if (entry.name === 'header' && typeof value === 'object' && !Array.isArray(value)) {
    return Object.entries(value).map(([header, claim]) => `${header} ${claim}`);
  }
  if (entry.name === 'extra_auth_args' && typeof value === 'object') return [new URLSearchParams(/** @type {any} */ (value)).toString()];
  if (Array.isArray(value)) {
    if (!value.every((each) => typeof each === 'string')) throw wrong();
    const repeats = entry.type === 'secret' || entry.name === 'require' || entry.name === 'header';
    return repeats ? value : [value.join(' ')];
  }
  if (value instanceof URL) return [value.href];
  if (typeof value === 'number' && ['time', 'number', 'choice'].includes(entry.type)) return [String(value)];
  if (typeof value !== 'string') throw wrong();
  return [value];
}

/** One option's values, from where it is given: as it is, in a file, in the environment. */
class Reader {
  /** @param {Scope} scope @param {number} number @param {Record<string, any>} given @param {string} place */
  constructor(scope, number, given, place) {
    this.scope = scope;
    this.number = number;
    this.given = given;
    this.place = place;
    /** @type {(string | number)[]} */
    this.flat = [];
  }

  /** @param {Entry} entry @param {string[]} values @param {string} [place] */
  add(entry, values, place = this.place) {
    for (const value of values) this.flat.push(SCOPES[this.scope], this.number, entry.name, value, place);
  }

  /** @param {string} name @param {Entry} entry @returns {boolean} */
  read(name, entry) {
    const { given, place } = this;
    const ways = [name, `${name}File`, `${name}Env`].filter((way, i) => (i === 0 || entry.type === 'secret') && given[way] !== undefined);
    if (ways.length > 1) throw new OptionError(`${place}: ${name}: is given twice, as ${ways.join(' and ')}; remove one`);
    if (!ways.length) return false;
    const [way] = ways;
    if (way === name) this.add(entry, texts(entry, given[name], name, place));
    else if (way === `${name}File`) this.add(entry, [given[way]].flat().map((path) => readSecretFile(path, way, place)));
    else this.add(entry, [given[way]].flat().map((variable) => this.variable(variable, way)));
    return true;
  }

  /** @param {string} variable @param {string} way @returns {string} */
  variable(variable, way) {
    const value = process.env[variable];
    if (!value) throw new OptionError(`${this.place}: ${way}: the environment has no ${variable}`);
    return value;
  }

  /** @param {Entry} entry @param {boolean} secrets */
  readEnvironment(entry, secrets) {
    const name = environmentName(entry);
    const { [name]: value, [`${name}_FILE`]: file } = process.env;
    if (NOT_FROM_ENVIRONMENT.has(entry.name) || (entry.type === 'secret' && !secrets)) return;
    if (value) this.add(entry, [value], `environment ${name}`);
    else if (file && entry.type === 'secret') this.add(entry, [readSecretFile(file, `${name}_FILE`, 'environment')], `environment ${name}_FILE`);
  }
}

/**
 * @param {Scope} scope
 * @param {number} number
 * @param {Record<string, any>} given options of this scope; others are left alone
 * @param {{place: string, environment?: boolean, secrets?: boolean}} how  secrets: those of the environment too
 * @returns {(string | number)[]} scope, number, option, value, place, ...
 */
export function readOptions(scope, number, given, { place, environment = false, secrets = true }) {
  const reader = new Reader(scope, number, given, place);
  for (const [name, entry] of tables[scope]) {
    if (!reader.read(name, entry) && environment) reader.readEnvironment(entry, secrets);
  }
  return reader.flat;
}

/** Every way to spell the options of a scope. @param {Scope} scope @returns {string[]} */
export function spellings(scope) {
  return [...tables[scope]].flatMap(([name, entry]) => (entry.type === 'secret' ? [name, `${name}File`, `${name}Env`] : [name]));
}

/** @param {Record<string, any>} given @param {string[]} known @param {string} place */
export function checkNames(given, known, place) {
  for (const name of Object.keys(given)) if (!known.includes(name)) throw unknownOption(name, known, place);
}
