// SPDX-License-Identifier: Apache-2.0
// A refusal as an Error: what frameworks, and people who write error handlers, look for.
import { addon } from './addon.js';

const table = new Map(addon.refusals().map((entry) => [entry.id, entry]));
const unknown = { id: 'internal', status: 503, oauth: 'temporarily_unavailable', clause: '-', log: 'the engine refused', page: '' };

/** What the provider itself said, where it answered with an error. */
/** @typedef {{error?: string, errorDescription?: string, errorUri?: string}} ProviderWords */

export class Refusal extends Error {
  /**
   * @param {string} id of docs/refusals.md
   * @param {{status?: number, headers?: [string, string][], provider?: ProviderWords}} [more]
   */
  constructor(id, more = {}) {
    const entry = table.get(id) ?? { ...unknown, id };
    super(entry.log);
    this.name = 'Refusal';
    this.id = id;
    this.status = more.status || entry.status;
    this.statusCode = this.status;
    this.expose = this.status < 500;
    this.oauth = entry.oauth;
    this.clause = entry.clause;
    this.log = entry.log;
    this.page = entry.page;
    this.error = entry.oauth || id;
    this.error_description = entry.page;
    this.provider = more.provider ?? {};
    const challenges = (more.headers ?? []).filter(([name]) => name.toLowerCase() === 'www-authenticate').map(([, value]) => value);
    /** @type {Record<string, string>} */
    this.headers = challenges.length ? { 'WWW-Authenticate': challenges.join(', ') } : {};
  }
}

/** What is wrong with how the gate is set up: one line, with place, option, fault and remedy. */
export class OptionError extends Error {
  /** @param {string} line */
  constructor(line) {
    super(line);
    this.name = 'OptionError';
    this.code = 'GATE_OPTION';
  }
}
