// SPDX-License-Identifier: Apache-2.0
// Where a sign-out leads: back to us, or by way of the provider.
import { asText } from './login.js';
import { checkClientId, joinUrl } from './options.js';
import { ownAddress } from './return.js';

/**
 * An absolute address: of ours, or the one that is configured. With idpLogout the provider has its own list, and decides.
 * @param {any} config
 * @param {any} req
 * @param {any} [asked]
 * @returns {string}
 */
function returnUrl(config, req, asked) {
  const { baseURL, routes: { postLogoutRedirect } } = config;
  const wish = asked || postLogoutRedirect;
  if (wish === '') return baseURL;
  if (wish === postLogoutRedirect && URL.canParse(wish)) return wish;
  if (!/^(https?:)?[/\\]{2}/i.test(wish) && !URL.canParse(wish)) return ownAddress(joinUrl(baseURL, wish), baseURL)?.location ?? baseURL;
  const own = ownAddress(wish, baseURL);
  if (own) return own.location;
  if (config.idpLogout && /^https?:\/\//i.test(wish)) return wish;
  config.log('warn', 'a sign-out was asked to lead to an address that is not of baseURL: it leads to baseURL', req);
  return baseURL;
}

/** Auth0's own way out, for tenants without an end_session_endpoint. @param {any} config @param {string} issuer */
function isAuth0({ auth0Logout }, issuer) {
  return auth0Logout === true || (auth0Logout !== false && /\.auth0\.com$/.test(new URL(issuer).hostname));
}

/**
 * @param {any} config
 * @param {string} issuer
 * @param {string} returnTo
 * @param {Record<string, string>} params
 */
function auth0Url(config, issuer, returnTo, params) {
  const url = new URL('/v2/logout', issuer);
  url.searchParams.set('returnTo', returnTo);
  url.searchParams.set('client_id', config.clientID);
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  return url.href;
}

/**
 * Where to, on whose behalf, with what besides. What is said for this one sign-out stands over what holds for all; a hint of null is none.
 * To be asked before anything ends: what cannot be is an error.
 * @param {any} config
 * @param {any} req
 * @param {any} params
 * @param {string | undefined} idToken
 * @returns {{returnTo: string, idToken?: string, parameters?: Record<string, string>}}
 */
export function wishesOf(config, req, params, idToken) {
  if (!config.idpLogout) return { returnTo: returnUrl(config, req, params.returnTo) };
  const { client_id: client, post_logout_redirect_uri: returnTo, id_token_hint: hint, ...now } = params.logoutParams ?? {};
  checkClientId(config, 'logoutParams', { client_id: client });
  const { client_id: _ours, post_logout_redirect_uri: _configured, id_token_hint: usual, ...always } = config.logoutParams;
  return {
    returnTo: returnUrl(config, req, returnTo ?? params.returnTo),
    idToken: hint === undefined ? idToken ?? usual : hint ?? undefined,
    parameters: asText({ ...always, ...now }),
  };
}

/**
 * @param {any} site
 * @param {any} req
 * @param {ReturnType<typeof wishesOf>} wishes
 * @returns {Promise<any>} an address, or the engine's verdict
 */
export async function logoutLocation({ config, client }, req, wishes) {
  if (!config.idpLogout) return wishes.returnTo;
  if (isAuth0(config, client.issuer)) return auth0Url(config, client.issuer, wishes.returnTo, wishes.parameters ?? {});
  await client.metadata().catch(() => {}); // how the issuer is spelled; without metadata a sign-out ends here
  return client.gate.signOut(client.gate.request(req), wishes);
}
