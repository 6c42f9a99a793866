// SPDX-License-Identifier: Apache-2.0
// Endpoints that the application names itself stand in place of those in the provider's metadata; with a key set among them, there
// is nothing left to discover, and the provider is not asked. A fetch around the platform's does both: the engine sees metadata.

const METADATA_MAX = 256 * 1024;

/**
 * @typedef {(url: string, init?: any) => Promise<Response>} Fetch
 * @typedef {object} Own
 * @property {string} issuer
 * @property {string} [configURL]
 * @property {string} [authorizationURL]
 * @property {string} [tokenURL]
 * @property {string} [userInfoURL]
 * @property {string} [jwksURL]
 * @property {Record<string, string>} [customHeaders]
 * @property {Fetch} [customFetch]
 */

/**
 * Undefined where the platform's own fetch will do.
 * @param {Own} own
 * @returns {Fetch | undefined}
 */
export function fetchFor(own) {
  const named = members(own);
  const count = Object.keys(named).length;
  if (count === 0 && !own.customHeaders) return own.customFetch;
  const address = own.configURL ?? `${own.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  /** @type {Fetch} */
  const ask = (url, init) => (own.customFetch ?? globalThis.fetch)(url, withHeaders(init, own.customHeaders));
  return async (url, init) => {
    if (count === 0 || String(url) !== address) return ask(url, init);
    if (named.authorization_endpoint && named.token_endpoint && named.jwks_uri) return written({ issuer: own.issuer, ...named });
    return rewritten(await ask(url, init), named);
  };
}

/** @param {Own} own */
function members(own) {
  const all = { authorization_endpoint: own.authorizationURL, token_endpoint: own.tokenURL, userinfo_endpoint: own.userInfoURL, jwks_uri: own.jwksURL };
  return /** @type {Record<string, string>} */ (Object.fromEntries(Object.entries(all).filter(([, value]) => value)));
}

/**
 * @param {any} init
 * @param {Record<string, string> | undefined} headers
 */
function withHeaders(init, headers) {
  if (!headers) return init;
  const all = new Headers(init?.headers);
  for (const [name, value] of Object.entries(headers)) if (!all.has(name)) all.set(name, value);
  return { ...init, headers: all };
}

/**
 * @param {any} metadata
 * @param {string | null} [cacheControl]
 */
function written(metadata, cacheControl) {
  const headers = { 'content-type': 'application/json', ...(cacheControl && { 'cache-control': cacheControl }) };
  return new Response(JSON.stringify(metadata), { headers });
}

/**
 * What cannot be read is handed on as it came: the engine says what is wrong with it.
 * @param {Response} response
 * @param {Record<string, string>} named
 */
async function rewritten(response, named) {
  if (response.status !== 200) return response;
  const text = await readText(response);
  try {
    const metadata = JSON.parse(text);
    if (metadata && typeof metadata === 'object' && !Array.isArray(metadata)) return written({ ...metadata, ...named }, response.headers.get('cache-control'));
  } catch {
    // not JSON
  }
  return new Response(text, { headers: { 'content-type': 'application/json' } });
}

/** @param {Response} response */
async function readText(response) {
  const parts = [];
  let length = 0;
  for await (const part of /** @type {any} */ (response.body ?? [])) {
    length += part.length;
    if (length > METADATA_MAX) throw new Error(`metadata are larger than ${METADATA_MAX} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
