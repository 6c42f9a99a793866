// SPDX-License-Identifier: Apache-2.0
// Claims as Passport's profile: the usual names, and each further claim under its own.

/**
 * @typedef {Record<string, any>} Claims
 * @typedef {{timestamp?: Date, class?: string, methods?: string[]}} Context
 */

/** What a token says about itself, not about the person (OIDC Core 2, 3.1.3.6; RFC 7519 4.1). */
const OF_THE_TOKEN = new Set([
  'iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti', 'nonce', 'azp', 'auth_time', 'acr', 'amr', 'at_hash', 'c_hash', 's_hash', 'sid',
]);

/** Names that mean something else in a profile, or to JavaScript. */
const TAKEN = new Set(['id', 'provider', 'displayName', 'username', 'name', 'emails', 'photos', '_raw', '_json', '__proto__', 'constructor', 'prototype']);

/**
 * @param {Claims} claims
 * @returns {Claims}
 */
function standardPart(claims) {
  /** @type {Claims} */
  const profile = { id: claims.sub };
  const { family_name: familyName, given_name: givenName, middle_name: middleName } = claims;
  if (claims.name) profile.displayName = claims.name;
  if (claims.preferred_username) profile.username = claims.preferred_username;
  if (familyName || givenName || middleName) {
    profile.name = Object.fromEntries(Object.entries({ familyName, givenName, middleName }).filter(([, value]) => value));
  }
  if (claims.email) profile.emails = [{ value: claims.email }];
  return profile;
}

/**
 * @param {Claims} claims
 * @returns {Claims}
 */
export function profileOf(claims) {
  const profile = standardPart(claims);
  for (const [name, value] of Object.entries(claims)) {
    if (!OF_THE_TOKEN.has(name) && !TAKEN.has(name)) profile[name] = value;
  }
  profile._raw = JSON.stringify(claims);
  profile._json = claims;
  return profile;
}

/**
 * What the ID Token says is signed; userinfo adds to it.
 * @param {Claims} claims
 * @param {Claims | undefined} userinfo
 * @returns {Claims}
 */
export function merge(claims, userinfo) {
  return { ...userinfo, ...claims };
}

/**
 * @param {Claims} claims
 * @returns {Context}
 */
export function contextOf(claims) {
  /** @type {Context} */
  const context = {};
  if (claims.auth_time) context.timestamp = new Date(claims.auth_time * 1000);
  if (claims.acr) context.class = claims.acr;
  if (claims.amr) context.methods = claims.amr;
  return context;
}
