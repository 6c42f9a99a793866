// SPDX-License-Identifier: Apache-2.0
// Demands on a token that was let in, route by route: they stand behind bearer(), and answer as it does.
import { Refusal } from '../errors.js';
import { OWNER } from './auth.js';
import { frameOf } from './frames.js';

/**
 * @typedef {(a: any, b: any, c?: any) => any} Middleware
 * @typedef {{id: 'token_scope', scope: string} | {id: 'not_allowed', description?: string}} Refused
 */

const NO_BEARER = 'bearer() must stand before requiredScopes(), claimEquals() and their like';

/** @param {Refusal} refusal @param {string} realm @param {string} [scope] */
function challenge({ id, oauth, page }, realm, scope) {
  if (id === 'bearer_missing') return `Bearer realm="${realm}"`;
  return `Bearer realm="${realm}", error="${oauth}", error_description="${page}"${scope === undefined ? '' : `, scope="${scope}"`}`;
}

/** As the engine answers a request that is no navigation. @param {Refusal} refusal @param {[string, string][]} challenges @returns {import('./frames.js').Answer} */
function answerOf({ status, error, page }, challenges) {
  return {
    status, body: `${JSON.stringify({ error, error_description: page })}\n`,
    headers: [...challenges, ['Content-Type', 'application/json'], ['Cache-Control', 'no-store'], ['X-Content-Type-Options', 'nosniff']],
  };
}

/** @param {any} owner @param {Refused | {id: 'bearer_missing'}} refused */
function refusalOf(owner, refused) {
  const refusal = new Refusal(refused.id);
  if ('description' in refused && refused.description) refusal.page = refusal.error_description = refused.description;
  const { realm } = owner.setting;
  const scope = 'scope' in refused ? refused.scope : undefined;
  /** @type {[string, string][]} */
  const challenges = refused.id === 'not_allowed' ? [] : [['WWW-Authenticate', challenge(refusal, realm, scope)]];
  return { refusal, answer: answerOf(refusal, challenges) };
}

/**
 * @param {Refused} refused
 * @param {(payload: any) => boolean} holds
 * @returns {Middleware}
 */
function demand(refused, holds) {
  return (a, b, c) => {
    const frame = frameOf(a, b);
    const auth = frame.auth(a);
    const owner = auth?.[OWNER] ?? frame.incoming(a)[OWNER];
    if (!owner) return frame.fail(a, b, c, new Error(NO_BEARER));
    let held;
    try {
      held = Boolean(auth?.[OWNER]) && holds(auth.payload) === true;
    } catch (error) {
      return frame.fail(a, b, c, error);
    }
    if (held) return frame.pass(a, b, c, []);
    const { refusal, answer } = refusalOf(owner, auth?.[OWNER] ? refused : { id: 'bearer_missing' });
    owner.tell(refusal, frame.incoming(a));
    return owner.refuse(frame, a, b, c, answer, refusal);
  };
}

/** @param {any} payload @param {string} name */
const own = (payload, name) => (Object.hasOwn(payload, name) ? payload[name] : undefined);

/** The words of a claim: of a string, or of an array. @param {any} value @returns {any[]} */
function wordsOf(value) {
  if (typeof value === 'string') return value.split(' ').filter(Boolean);
  return Array.isArray(value) ? value : [];
}

/** @param {any} payload */
const scopesOf = (payload) => [...wordsOf(own(payload, 'scope')), ...wordsOf(own(payload, 'scp'))];

/** @param {string | string[]} scopes @param {string} who @returns {string[]} */
function readScopes(scopes, who) {
  const all = [scopes].flat().flatMap((each) => wordsOf(each));
  // RFC 6749 3.3: scope-token; what is none could not be said in the challenge
  if (all.length === 0 || !all.every((each) => typeof each === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(each))) {
    throw new TypeError(`${who}() expects scopes: 'read write', or an array of them`);
  }
  return all;
}

/** All of these, in scope or scp; else 403 insufficient_scope. @param {string | string[]} scopes */
export function requiredScopes(scopes) {
  const all = readScopes(scopes, 'requiredScopes');
  return demand({ id: 'token_scope', scope: all.join(' ') }, (payload) => {
    const granted = scopesOf(payload);
    return all.every((each) => granted.includes(each));
  });
}

/** One of these at least. @param {string | string[]} scopes */
export function scopeIncludesAny(scopes) {
  const any = readScopes(scopes, 'scopeIncludesAny');
  return demand({ id: 'token_scope', scope: any.join(' ') }, (payload) => {
    const granted = scopesOf(payload);
    return any.some((each) => granted.includes(each));
  });
}

/** @param {any} claim @param {any[]} values @param {string} who */
function checkArguments(claim, values, who) {
  if (typeof claim !== 'string' || !claim) throw new TypeError(`${who}() expects the name of a claim`);
  const isPlain = (/** @type {any} */ v) => v === null || ['string', 'number', 'boolean'].includes(typeof v);
  if (values.length === 0 || !values.every(isPlain)) throw new TypeError(`${who}() expects a string, number, boolean or null to compare with`);
}

/** The claim is this value; else 403. @param {string} claim @param {string | number | boolean | null} expected */
export function claimEquals(claim, expected) {
  checkArguments(claim, [expected], 'claimEquals');
  return demand({ id: 'not_allowed' }, (payload) => own(payload, claim) === expected);
}

/** The claim, an array or a string of words, has all of these; else 403. @param {string} claim @param {...(string | number | boolean | null)} expected */
export function claimIncludes(claim, ...expected) {
  checkArguments(claim, expected, 'claimIncludes');
  return demand({ id: 'not_allowed' }, (payload) => {
    const found = wordsOf(own(payload, claim));
    return expected.every((each) => found.includes(each));
  });
}

/**
 * The function answers true; else 403. It answers at once: a promise is no true.
 * @param {(payload: any) => boolean} holds
 * @param {string} [description]  what the caller is told
 */
export function claimCheck(holds, description) {
  if (typeof holds !== 'function') throw new TypeError('claimCheck() expects a function of the claims');
  if (description !== undefined && typeof description !== 'string') throw new TypeError('claimCheck() expects a description that is text');
  return demand({ id: 'not_allowed', description }, holds);
}
