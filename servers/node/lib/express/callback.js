// SPDX-License-Identifier: Apache-2.0
// The provider's answer has been checked by the engine; here it becomes the application's session.
import { Refusal } from '../errors.js';

const LEEWAY = 30;
const now = () => Math.floor(Date.now() / 1000);

/** The end that the provider sets for its own session (IPSIE session_expiry), in seconds. @param {any} claims */
function ceilingOf(claims) {
  const at = claims.session_expiry;
  return Number.isInteger(at) && at > 0 && at < 1e10 ? at : undefined;
}

/** What userinfo says beyond the ID Token. @param {any} verdict */
function moreOf(verdict) {
  const { userinfo, claims } = verdict;
  if (!userinfo) return undefined;
  return Object.fromEntries(Object.entries(userinfo).filter(([name]) => !Object.hasOwn(claims, name)));
}

/** @param {any} type */
const spelled = (type) => (/^bearer$/i.test(type ?? '') ? 'Bearer' : type);

/**
 * The session as express-openid-connect keeps it.
 * @param {any} site
 * @param {any} verdict
 */
export function sessionOf({ config }, verdict) {
  const { claims, tokenResponse = {} } = verdict;
  const lasts = Number(tokenResponse.expires_in);
  const ceiling = ceilingOf(claims);
  if (ceiling !== undefined && claims.iat >= ceiling - LEEWAY) {
    throw Object.assign(new Refusal('id_token_exp', { status: 400 }), { message: 'The session_expiry claim is in the past at login time.', error: 'invalid_session_expiry' });
  }
  return {
    id_token: verdict.idToken,
    access_token: verdict.accessToken,
    refresh_token: verdict.refreshToken,
    token_type: spelled(tokenResponse.token_type),
    expires_at: lasts > 0 ? now() + Math.floor(lasts) : undefined,
    sid: claims.sid,
    sessionExpiresAt: ceiling,
    userinfo: config.userinfo ? moreOf(verdict) : undefined,
  };
}

/**
 * Lets req.oidc say who signs in while something of the application is called, before the session stands.
 * @template T
 * @param {any} req
 * @param {any} session
 * @param {() => Promise<T>} work
 */
export async function showing(req, session, work) {
  req.oidc.coming = session;
  try {
    return await work();
  } finally {
    req.oidc.coming = undefined;
  }
}

/**
 * afterCallback may look at the new session through req.oidc, change it, or refuse it by throwing.
 * @param {any} site
 * @param {any} req
 * @param {any} res
 * @param {any} session
 */
export async function askApplication({ config }, req, res, session) {
  if (!config.afterCallback) return session;
  const answer = await showing(req, session, async () => config.afterCallback(req, res, session, req.openidState));
  if (answer === null || typeof answer !== 'object') throw new TypeError('"afterCallback" must answer the session, or a promise of it');
  return answer;
}

/**
 * What an unknown visitor, or the same person, had in the session stays; what another person had does not.
 * @param {any} before
 * @param {any} previousSub
 * @param {any} sub
 * @param {any} session
 */
export function merge(before, previousSub, sub, session) {
  return before && (previousSub === undefined || previousSub === sub) ? { ...structuredClone(before), ...session } : session;
}
