// SPDX-License-Identifier: Apache-2.0
// The gate: what applications and all interfaces of this package use.
import { addon } from './addon.js';
import { Engine, NO_RULE } from './engine.js';
import { OptionError } from './errors.js';
import { Fetcher } from './fetch.js';
import { callerPlace, checkNames, optionError, readOptions, spellings } from './options.js';
import { printAs } from './printed.js';
import { GateRequest, Proxies } from './request.js';
import { isSafe } from './safe.js';
import { openSealer } from './sealer.js';
import { SetUp } from './setup.js';
import { openStore } from './store.js';

/** @typedef {import('./verdict.js').Verdict} Verdict */

const METADATA_MAX = 1 << 20;
const METADATA_KEPT_MS = 600_000;
const SIGN_IN = 0;
const CALLBACK = 1;
const SIGN_OUT = 2;

/**
 * @typedef {object} GateOptions
 * @property {Record<string, Record<string, any>>} [providers] by name; a single one stands at the top
 * @property {any} [store] express-session-compatible, or {get, take, add, put, drop}; for sessionStore 'store'
 * @property {import('./fetch.js').CustomFetch} [customFetch]
 * @property {string | string[] | false} [trustProxy] peers whose Forwarded and X-Forwarded-* are believed
 * @property {(level: 'error' | 'warn' | 'info' | 'debug', line: string, request?: any) => void} [log]
 */

/** @param {string} level @param {string} line */
function logToConsole(level, line) {
  if (level === 'error' || level === 'warn') console.error(`oidc: ${line}`);
}

/** @param {Record<string, unknown> | undefined} parameters @returns {string} */
function encode(parameters) {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters ?? {})) if (value !== undefined && value !== null) form.append(name, String(value));
  return form.toString();
}

/** @param {string} id @param {number} status @param {string} words */
const failure = (id, status, words) => Object.assign(new Error(words), { id, status, statusCode: status });

/** @param {Buffer} bytes @returns {any} null where they are no JSON */
function readJson(bytes) {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return null;
  }
}

/** What a place demands. */
export class Rule {
  /** @param {Gate} gate @param {number} number @param {Record<string, any>} options */
  constructor(gate, number, options) {
    this.gate = gate;
    this.number = number;
    this.options = options;
  }
}
printAs(Rule, ({ number }) => ({ number }));

export class Gate {
  /** @param {GateOptions & Record<string, any>} [options] */
  constructor(options = {}) {
    this.place = callerPlace('new Gate()');
    this.store = openStore(options.store);
    this.proxies = new Proxies(options.trustProxy);
    this.log = options.log ?? logToConsole;
    this.setUp = new SetUp(options, this.place);
    this.names = this.setUp.names;
    /** What was read for each provider, by the table's names, environment and files included. */
    this.read = this.setUp.read;
    /** The first seals, all open. */
    this.secrets = this.setUp.secrets;
    /** @type {{options: Record<string, any>, place: string}[]} */
    this.rules = [];
    /** @type {Map<string, {until: number, document: Promise<any>}>} */
    this.documents = new Map();
    this.fetcher = new Fetcher(options.customFetch);
    this.current = new Engine({ handle: this.open(), fetcher: this.fetcher, store: this.store, log: (...line) => this.log(...line) });
    this.stale = false;
    this.checkStore();
    if (this.setUp.generated) {
      const what = this.read.every(({ session_store: kept }) => kept === 'application') ? 'sign-ins under way' : 'sessions';
      this.log('warn', `cookieSecret: is not given, so that ${what} end with this process; make one with: openssl rand -hex 32, and set OIDC_COOKIE_SECRET`);
    }
  }

  /** With all rules that there are by now. An application has many, so that it is not begun anew for each. */
  get engine() {
    if (this.stale) {
      this.current.replace(this.open());
      this.stale = false;
    }
    return this.current;
  }

  open() {
    const { setUp } = this;
    const flat = [...setUp.flat];
    setUp.base.forEach((name, i) => flat.push(2, i, 'provider', name, this.place));
    this.rules.forEach(({ options, place }, i) => flat.push(...readOptions('rule', setUp.base.length + i, options, { place })));
    try {
      return addon.open(setUp.names, 1, new Array(setUp.base.length + this.rules.length).fill(0), flat);
    } catch (error) {
      throw optionError(error);
    }
  }

  checkStore() {
    if (addon.needsStore(this.engine.handle) && !this.store) {
      this.close();
      throw new OptionError(`${this.place}: sessionStore: is store, but there is no store; give one that express-session could use`);
    }
  }

  /** Throws what the engine says of a rule that cannot be. @param {Record<string, any>} options @param {string} place */
  tryRule(options, place) {
    const { names, flat } = this.setUp.only(new Set([options.provider, ...[options.bearer ?? []].flat().flatMap((each) => String(each).split(' '))]));
    flat.push(...readOptions('rule', 0, options, { place }));
    try {
      addon.close(addon.open(names, 1, [0], flat));
    } catch (error) {
      throw optionError(error);
    }
  }

  /**
   * What a place demands: options of scope RULE. Rules are made when an application starts: with a new one the engine begins anew, and
   * has to fetch the provider's metadata again.
   * @param {Record<string, any>} [options]
   * @returns {Rule}
   */
  rule(options = {}) {
    const place = callerPlace('gate.rule()');
    checkNames(options, spellings('rule'), place);
    const given = { ...options };
    if (given.bearer === true) given.bearer = this.names;
    if (given.provider === undefined && given.bearer === undefined) [given.provider] = this.names;
    this.tryRule(given, place);
    this.rules.push({ options: given, place });
    this.stale = true;
    return new Rule(this, this.setUp.base.length + this.rules.length - 1, given);
  }

  /**
   * @param {import('./request.js').Incoming} incoming of node:http, node:http2 or a framework
   * @param {{path?: string, body?: unknown}} [given]
   * @returns {GateRequest}
   */
  request(incoming, given) {
    return new GateRequest(incoming, this.proxies, given);
  }

  /**
   * @param {GateRequest} request
   * @param {Rule | null} [rule] none: only the gate's own addresses are answered
   * @returns {Verdict | Promise<Verdict>} at once where nothing had to be waited for
   */
  guard(request, rule) {
    if (rule && rule.gate !== this) throw new TypeError('the rule belongs to another gate');
    return this.engine.run(request, rule ? rule.number : NO_RULE);
  }

  /** @param {string | undefined} name @returns {number} */
  number(name) {
    const number = name === undefined ? 0 : this.names.indexOf(name);
    if (number < 0) throw new OptionError(`provider: ${name}: is not defined; there are: ${this.names.join(', ')}`);
    return number;
  }

  /**
   * @param {GateRequest} request
   * @param {{provider?: string, returnTo?: string, parameters?: Record<string, unknown>, note?: string}} [ask]
   * @returns {Promise<Verdict>} the redirect to the provider
   */
  async signIn(request, { provider, returnTo, parameters, note } = {}) {
    return this.engine.run(request, NO_RULE, [SIGN_IN, this.number(provider), returnTo ?? '', encode(parameters), note ?? '', '']);
  }

  /**
   * @param {GateRequest} request the provider's answer
   * @param {{provider?: string}} [ask]
   * @returns {Promise<Verdict>}
   */
  async callback(request, { provider } = {}) {
    return this.engine.run(request, NO_RULE, [CALLBACK, this.number(provider), '', '', '', '']);
  }

  /**
   * @param {GateRequest} request
   * @param {{provider?: string, idToken?: string, returnTo?: string, parameters?: Record<string, unknown>}} [ask]
   * @returns {Promise<Verdict>} the redirect to the provider
   */
  async signOut(request, { provider, idToken, returnTo, parameters } = {}) {
    return this.engine.run(request, NO_RULE, [SIGN_OUT, this.number(provider), returnTo ?? '', encode(parameters), '', idToken ?? '']);
  }

  /** A path of the engine's own: callback, logout, signed-out page. @param {string} path decoded @returns {boolean} */
  answers(path) {
    return addon.siteAnswers(this.engine.handle, 0, path);
  }

  /** A request header that some rule sets, in any spelling: it is removed from what the client sent. @param {string} name @returns {boolean} */
  headerIsOurs(name) {
    return addon.headerIsOurs(this.engine.handle, name);
  }

  /**
   * @param {string | string[] | undefined} secrets the first seals, all open; none: the gate's own
   * @param {string} purpose
   */
  sealer(secrets, purpose) {
    return openSealer(secrets === undefined ? this.secrets : [secrets].flat(), purpose);
  }

  /**
   * One exchange with a provider, under the same bounds as the engine's.
   * @param {string} url
   * @param {{method?: string, headers?: Record<string, string>, body?: string | Uint8Array, provider?: string}} [init]
   * @returns {Promise<{status: number, headers: Record<string, string>, body: Buffer}>}
   */
  async fetchFrom(url, { method = 'GET', headers = {}, body, provider } = {}) {
    const read = this.read[this.number(provider)];
    if (!isSafe(url, read.allow_insecure_http === 'on')) throw failure('metadata_insecure', 502, 'the provider\'s metadata name an address that is not https');
    const reply = await this.fetcher.fetch({
      method, url, headers: Object.entries(headers).flat(), body: typeof body === 'string' ? Buffer.from(body) : body, maxBytes: METADATA_MAX,
      timeoutMs: 10_000, caFile: read.ssl_trusted_certificate, crlFile: read.ssl_crl,
    });
    if (reply.outcome !== 0) throw failure('provider_down', 503, `the provider does not answer: ${reply.why}`);
    const flat = reply.headers ?? [];
    const pairs = flat.flatMap((name, i) => (i % 2 ? [] : [[name.toLowerCase(), flat[i + 1]]]));
    return { status: reply.status ?? 0, headers: Object.fromEntries(pairs), body: reply.body ?? Buffer.alloc(0) };
  }

  /** The provider's metadata document, for endpoints that the engine has no use for. @param {string} [provider] @returns {Promise<any>} */
  metadata(provider) {
    const name = this.names[this.number(provider)];
    const kept = this.documents.get(name);
    if (kept && kept.until > Date.now()) return kept.document;
    const document = this.fetchMetadata(name);
    this.documents.set(name, { until: Date.now() + METADATA_KEPT_MS, document });
    document.catch(() => this.documents.delete(name));
    return document;
  }

  /** @param {string} name @returns {Promise<any>} */
  async fetchMetadata(name) {
    const { issuer, config_url: url } = this.read[this.number(name)];
    const { status, body } = await this.fetchFrom(url ?? `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, { provider: name });
    const document = status === 200 ? readJson(body) : null;
    if (document?.issuer !== issuer) throw failure('metadata_malformed', 502, 'the provider\'s metadata cannot be used'); // OIDC Discovery 4.3
    return document;
  }

  close() {
    this.stale = false;
    this.current.close();
  }
}
printAs(Gate, ({ names }) => ({ providers: names }));
