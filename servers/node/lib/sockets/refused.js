// SPDX-License-Identifier: Apache-2.0
// Why a socket was not let in: what the client is told, and what the error says that a middleware hands on.
import { Refusal } from '../errors.js';

/** What the client hears: the sentence for people, and in `data` (Socket.IO's connect_error) the reason for programs. */
export class SocketRefused extends Error {
  /**
   * @param {Refusal} refusal
   * @param {[string, string][]} [headers] of the refusal's answer
   */
  constructor(refusal, headers = []) {
    const { id, status, oauth, clause, log, page } = refusal;
    super(page, { cause: refusal });
    this.name = 'SocketRefused';
    this.id = id;
    this.status = status;
    this.statusCode = status;
    this.clause = clause;
    this.log = log;
    this.own = false;
    this.error = refusal.error;
    this.error_description = page;
    this.headers = challenge(status, headers);
    this.data = { id, code: oauth || 'login_required', clause, status, message: page };
  }
}

/** RFC 9110 11.6.1: a 401 says what would help. @param {number} status @param {[string, string][]} headers @returns {Record<string, string>} */
function challenge(status, headers) {
  const of = (/** @type {string} */ wanted) => headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
  const challenges = of('www-authenticate');
  const [later] = of('retry-after');
  return {
    ...(status === 401 && { 'WWW-Authenticate': challenges.join(', ') || 'Bearer' }),
    ...(later && { 'Retry-After': later }),
  };
}

/** A refusal of our own, which the engine has not logged. @param {string} id of docs/refusals.md */
export const refused = (id) => Object.assign(new SocketRefused(new Refusal(id)), { own: true });

/** What went wrong that is no refusal (a fault of ours) lets nobody in, and says nothing of itself to the client. @param {any} error */
export function asRefused(error) {
  if (error instanceof SocketRefused) return error;
  const known = error?.id ? new Refusal(error.id) : new Refusal('internal');
  return Object.assign(new SocketRefused(known, Object.entries(error?.headers ?? {})), { cause: error, own: true });
}

/** The line for the operator; none where the engine has written one. @param {SocketRefused} reason @param {(level: any, line: string) => void} log */
export function logRefused(reason, log) {
  if (!reason.own) return;
  const { id, clause, status, cause } = reason;
  const detail = cause instanceof Refusal || !(cause instanceof Error) ? '' : ` (${cause.message})`;
  log(status < 500 ? 'info' : 'error', `oidc: ${id}: a socket: ${reason.log}${detail} [${clause}]`);
}
