// SPDX-License-Identifier: Apache-2.0
// When a session began (iat), was last written (uat) and ends (exp), in seconds: the rules of express-openid-connect, so that its
// sessions go on here and ours there.

/**
 * @typedef {{iat: number, uat: number, exp: number}} Times
 * @typedef {object} Durations
 * @property {boolean} rolling
 * @property {number} rollingDuration   seconds without use after which a session ends; 0: none
 * @property {number} absoluteDuration  seconds after sign-in at which a session ends, used or not; 0: none
 */

const CEILING_LEEWAY = 30; // before the provider's own end of its session: clocks differ

export const now = () => Math.floor(Date.now() / 1000);

/**
 * The end that the provider has set for its own session (the claim session_expiry, kept as sessionExpiresAt).
 * @param {any} data
 */
function ceiling(data) {
  const at = data?.sessionExpiresAt;
  return typeof at === 'number' && at > 0 ? at : Infinity;
}

/**
 * @param {Durations} durations
 * @param {number} iat
 * @param {number} uat
 * @param {any} data
 * @returns {Times}
 */
export function timesOf(durations, iat, uat, data) {
  const idle = durations.rolling ? uat + durations.rollingDuration : Infinity;
  const end = durations.absoluteDuration ? iat + durations.absoluteDuration : Infinity;
  return { iat, uat, exp: Math.min(idle, end, ceiling(data)) };
}

/**
 * Whether a session with this header still is one, by what it says and by what is configured now.
 * @param {Durations} durations
 * @param {any} header
 * @param {number} at
 */
export function isAlive(durations, header, at) {
  const { iat, uat, exp } = header ?? {};
  if (!Number.isFinite(iat) || !Number.isFinite(uat) || !Number.isFinite(exp) || exp <= at) return false;
  if (durations.rollingDuration && uat + durations.rollingDuration <= at) return false;
  return !durations.absoluteDuration || iat + durations.absoluteDuration > at;
}

/**
 * @param {any} data
 * @param {number} at
 */
export const isPastCeiling = (data, at) => at >= ceiling(data) - CEILING_LEEWAY;

/**
 * A session in use is written anew ten times within its timeout at most, not with each response.
 * @param {Durations} durations
 * @param {Times} times
 * @param {number} at
 */
export const isDue = (durations, times, at) => durations.rolling && at - times.uat >= durations.rollingDuration / 10;

/**
 * The last moment at which a session that began at iat can be alive: how long its mark must live.
 * @param {Durations} durations
 * @param {number} iat
 * @param {number} at
 */
export function lastMoment(durations, iat, at) {
  return durations.absoluteDuration ? Math.max(iat + durations.absoluteDuration, at + 60) : at + durations.rollingDuration;
}
