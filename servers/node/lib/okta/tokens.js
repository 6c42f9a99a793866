// SPDX-License-Identifier: Apache-2.0

/** What the token endpoint answered, as the application sees it in req.userContext.tokens. */
export class TokenSet {
  /** @param {Record<string, any>} values */
  constructor(values) {
    Object.assign(this, values);
  }

  /** Seconds until the access token ends; undefined where the provider did not say. */
  get expires_in() {
    const { expires_at: at } = /** @type {any} */ (this);
    return at === undefined ? undefined : Math.max(0, at - Math.floor(Date.now() / 1000));
  }

  expired() {
    return this.expires_in === 0;
  }

  /** The claims of the ID Token, which was checked at sign-in. */
  claims() {
    const { id_token: token } = /** @type {any} */ (this);
    return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString('utf8'));
  }
}

/**
 * @param {any} verdict
 * @returns {Record<string, any>}
 */
export function tokensOf(verdict) {
  const { expires_in: seconds, ...further } = verdict.tokenResponse ?? {};
  const all = {
    ...further, access_token: verdict.accessToken, id_token: verdict.idToken, refresh_token: verdict.refreshToken,
    expires_at: Number.isFinite(seconds) ? Math.floor(Date.now() / 1000) + seconds : undefined,
  };
  return Object.fromEntries(Object.entries(all).filter(([name, value]) => value !== undefined && value !== null && !(name in TokenSet.prototype)));
}
