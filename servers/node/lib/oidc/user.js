// SPDX-License-Identifier: Apache-2.0
// What the application sees of who is there: req.user.

/**
 * @typedef {object} User
 * @property {true} valid every check of the ID Token is done
 * @property {{raw: string, header: Record<string, any>, payload: Record<string, any>, signature: string}} jwt the ID Token
 * @property {Record<string, any>} claims of the ID Token, and what userinfo adds
 * @property {Record<string, any>} [userinfo] after a sign-in
 * @property {{access_token?: string, refresh_token?: string, expires_in?: number}} [token] after a sign-in
 * @property {string} [returnTo] at the callback: the page that was asked for
 */

/** @param {string} part @returns {Record<string, any>} */
const readPart = (part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));

/** A token whose checks are done, in its parts: the one that the engine found, and no second reading of the request. @param {string} raw @param {Record<string, any>} [claims] as the engine read them @returns {User['jwt']} */
function readJwt(raw, claims) {
  const [header, payload, signature = ''] = raw.split('.');
  return { raw, header: readPart(header), payload: claims ?? readPart(payload), signature };
}

/** @param {Record<string, any>} response @returns {User['token']} */
function tokenOf({ access_token, refresh_token, expires_in }) {
  return { access_token, ...(refresh_token && { refresh_token }), ...(expires_in !== undefined && { expires_in: Number(expires_in) }) };
}

/**
 * @param {string} idToken
 * @param {Record<string, any> | undefined} [userinfo]
 * @param {Record<string, any>} [claims] of the ID Token, where the engine has said them: it may be encrypted
 * @returns {User}
 */
export function userOfToken(idToken, userinfo, claims) {
  const jwt = readJwt(idToken, claims);
  return { valid: true, jwt, claims: { ...userinfo, ...jwt.payload }, ...(userinfo && { userinfo }) };
}

/** At the callback. @param {any} verdict @returns {User} */
export function userOfCallback(verdict) {
  const user = userOfToken(verdict.idToken, verdict.userinfo);
  return { ...user, token: tokenOf(verdict.tokenResponse ?? {}), returnTo: verdict.returnTo };
}

/** What the session keeps of a sign-in. It ends when the ID Token does: the token is the proof, here and at the services it is handed to. @param {User} user */
export function sessionOfUser({ jwt, token, userinfo }) {
  const { access_token, refresh_token, expires_in } = token ?? {};
  return {
    id_token: jwt.raw, access_token, refresh_token, userinfo,
    expires_at: expires_in === undefined ? undefined : Math.floor(Date.now() / 1000) + expires_in,
    sessionExpiresAt: jwt.payload.exp,
  };
}

/** @param {any} data what sessionOfUser made @returns {User} */
export function userOfSession(data) {
  const { id_token, access_token, refresh_token, expires_at, userinfo } = data;
  const expires_in = expires_at === undefined ? undefined : Math.max(0, expires_at - Math.floor(Date.now() / 1000));
  return { ...userOfToken(id_token, userinfo), token: tokenOf({ access_token, refresh_token, expires_in }) };
}
