// SPDX-License-Identifier: Apache-2.0
// Revokes tokens at the endpoint that the provider's metadata name (RFC 7009).
import { printAs } from '../printed.js';
import { OIDCMiddlewareError } from './error.js';
import { isSafe } from '../safe.js';

const TOKENS = ['refresh_token', 'access_token'];

/** RFC 6749 2.3.1: form-encoded, then joined. @param {string} text */
const encode = (text) => new URLSearchParams([['', text]]).toString().slice(1);

class RevokeError extends OIDCMiddlewareError {
  /** @param {string} message */
  constructor(message) {
    super('revokeError', message);
  }
}

export class Revoker {
  /** @param {import('../gate.js').Gate} gate */
  constructor(gate) {
    const { client_id: clientId, client_secret: secret, client_auth_method: method, allow_insecure_http: insecure } = gate.setUp.read[0];
    this.gate = gate;
    this.clientId = clientId;
    this.secret = secret;
    this.allowsHttp = insecure === 'on';
    this.method = method ?? (secret ? 'client_secret_basic' : 'none');
  }

  /**
   * Tries all; answers what failed.
   * @param {Record<string, any>} tokens
   * @returns {Promise<Error[]>}
   */
  async revokeAll(tokens) {
    const there = TOKENS.filter((kind) => typeof tokens[kind] === 'string');
    if (there.length === 0) return [];
    const endpoint = await this.endpoint();
    if (endpoint instanceof Error) return [endpoint];
    const results = await Promise.allSettled(there.map((kind) => this.revoke(endpoint, kind, tokens[kind])));
    return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  }

  /** @returns {Promise<string | Error>} */
  async endpoint() {
    try {
      const { revocation_endpoint: endpoint } = await this.gate.metadata();
      if (typeof endpoint !== 'string') return new RevokeError('tokens were not revoked: the provider has no revocation_endpoint');
      return isSafe(endpoint, this.allowsHttp) ? endpoint : new RevokeError('tokens were not revoked: the provider\'s revocation_endpoint is not https');
    } catch (error) {
      return /** @type {Error} */ (error);
    }
  }

  /**
   * @param {string} endpoint
   * @param {string} kind
   * @param {string} token
   */
  async revoke(endpoint, kind, token) {
    const { headers, fields } = this.authentication();
    const { status } = await this.gate.fetchFrom(endpoint, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams({ token, token_type_hint: kind, ...fields }).toString(),
    });
    if (status !== 200) throw new RevokeError(`${kind} was not revoked: the provider answered ${status}`);
  }

  /** @returns {{headers?: Record<string, string>, fields?: Record<string, string>}} */
  authentication() {
    const { clientId, secret, method } = this;
    if (method === 'client_secret_post') return { fields: { client_id: clientId, client_secret: secret } };
    if (method === 'none') return { fields: { client_id: clientId } };
    if (method !== 'client_secret_basic' || !secret) throw new RevokeError(`tokens were not revoked: ${method} is not at hand for it`);
    return { headers: { authorization: `Basic ${Buffer.from(`${encode(clientId)}:${encode(secret)}`).toString('base64')}` } };
  }
}
printAs(Revoker);
