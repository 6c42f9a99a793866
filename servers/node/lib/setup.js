// SPDX-License-Identifier: Apache-2.0
// What `new Gate` is given, read once: providers, engine options, secrets.
import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { OptionError } from './errors.js';
import { checkNames, environmentIsOf, readOptions, spellings } from './options.js';

const OWN = ['providers', 'store', 'customFetch', 'trustProxy', 'log'];
const PARTS = 5; // scope, number, option, value, place
const ENGINE = 0;

export class SetUp {
  /** @param {Record<string, any>} options @param {string} place */
  constructor(options, place) {
    this.place = place;
    this.options = options;
    this.single = !options.providers;
    checkNames(options, [...OWN, ...spellings('engine'), ...(this.single ? spellings('provider') : [])], place);
    /** @type {Record<string, Record<string, any>>} */
    this.providers = options.providers ?? { default: options };
    this.names = Object.keys(this.providers);
    /** @type {(string | number)[]} */
    this.flat = readOptions('engine', 0, options, { place, environment: true });
    /** What was read for each provider, by the table's names. @type {Record<string, string>[]} */
    this.read = this.names.map((name, number) => this.readProvider(name, number));
    this.checkFetch();
    this.secrets = this.flat.flatMap((part, i) => (i % PARTS === 2 && part === 'cookie_secret' ? [String(this.flat[i + 1])] : []));
    this.generated = !this.secrets.length && this.read.some((each) => each.client_id);
    if (!this.secrets.length) this.makeSecret();
    /** Each provider that signs people in by itself has a rule of its own, so that it answers its callback and logout. */
    this.base = this.names.filter((_, i) => this.read[i].client_id && this.read[i].session_store !== 'application');
  }

  /** @param {string} name @param {number} number @returns {Record<string, string>} */
  readProvider(name, number) {
    const { place, single } = this;
    const given = { ...this.providers[name] };
    if (!single) checkNames(given, spellings('provider'), `${place}: providers.${name}`);
    if (!(single && process.env.OIDC_SESSION_STORE)) given.sessionStore ??= this.options.store ? 'store' : 'cookie';
    const flat = readOptions('provider', number, given, { place, environment: single, secrets: environmentIsOf(given.issuer) });
    this.flat.push(...flat);
    /** @type {Record<string, string>} */
    const read = {};
    for (let i = 0; i < flat.length; i += PARTS) read[String(flat[i + 2])] = String(flat[i + 3]);
    if (read.session_store === 'lmdb') throw new OptionError(`${place}: sessionStore: lmdb is for web servers; say cookie, store or application`);
    return read;
  }

  checkFetch() {
    if (this.options.customFetch && this.read.some((each) => each.ssl_trusted_certificate || each.ssl_crl)) {
      throw new OptionError(`${this.place}: customFetch: stands beside sslTrustedCertificate, which it would pass over; give it the authorities itself`);
    }
    for (const { ssl_trusted_certificate: ca, ssl_crl: crl } of this.read) {
      this.checkFile('sslTrustedCertificate', ca);
      this.checkFile('sslCrl', crl);
    }
  }

  /** It is read anew for each request to the provider; that it is not there is better said at once. @param {string} name @param {string} [path] */
  checkFile(name, path) {
    if (!path) return;
    try {
      accessSync(path, constants.R_OK);
    } catch (error) {
      throw new OptionError(`${this.place}: ${name}: cannot be read: ${/** @type {any} */ (error).code ?? 'error'}: ${path}`);
    }
  }

  /** One for the whole life of the gate: after a rule is added, what was sealed before still opens. */
  makeSecret() {
    this.secrets = [randomBytes(32).toString('hex')];
    this.flat.push(0, 0, 'cookie_secret', this.secrets[0], 'generated');
  }

  /**
   * The engine with the providers that a rule names and nothing else: enough to say whether the rule can be.
   * @param {Set<string>} named
   * @returns {{names: string[], flat: (string | number)[]}}
   */
  only(named) {
    const names = this.names.filter((name) => named.has(name));
    const numbers = new Map(names.map((name, i) => [this.names.indexOf(name), i]));
    const flat = [];
    for (let i = 0; i < this.flat.length; i += PARTS) {
      const [scope, number, ...rest] = this.flat.slice(i, i + PARTS);
      if (scope === ENGINE) flat.push(scope, number, ...rest);
      else if (numbers.has(Number(number))) flat.push(scope, /** @type {number} */ (numbers.get(Number(number))), ...rest);
    }
    return { names, flat };
  }
}
