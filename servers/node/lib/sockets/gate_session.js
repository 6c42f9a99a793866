// SPDX-License-Identifier: Apache-2.0
// The gate's own sessions, in which it signs people in and out by itself: how one is named, and that its end is heard.
import { createHash } from 'node:crypto';

/** A sign-in has one ID Token, and nobody else has it. @param {string | undefined} idToken */
export const nameOf = (idToken) => (idToken ? createHash('sha256').update(idToken).digest('base64url') : undefined);

/** Where a session of the gate ends: at its sign-out, and at another sign-in. @param {any} gate @param {string} provider @returns {string[]} */
function ends(gate, provider) {
  const { logout_uri: out, redirect_uri: back = '/oidc_callback' } = gate.read?.[gate.number(provider)] ?? {};
  return [out, back].filter(Boolean).map((address) => (address.startsWith('/') ? address : new URL(address).pathname));
}

/** The request as it would be at another address: the gate's own address would sign out. @param {any} gate @param {any} request */
const elsewhere = (gate, request) => gate.request(request.incoming, { path: '/' });

/**
 * Signing out happens in gate.guard, wherever the application calls it; so this stands around it. A redirect is how a sign-out ends, and a
 * sign-in too; a question whether it is meant, or an answer to nobody, is none.
 * @param {any} gate
 * @param {string} provider
 * @param {import('./hub.js').Hub} hub
 */
export function hearSignOuts(gate, provider, hub) {
  const paths = ends(gate, provider);
  const who = gate.rule({ provider, unauthenticated: 'pass' });
  const guard = gate.guard.bind(gate);
  const follow = async (/** @type {any} */ request, /** @type {any} */ rule) => {
    const { idToken } = await guard(elsewhere(gate, request), who);
    const verdict = await guard(request, rule);
    const session = nameOf(idToken);
    if (session && verdict.status === 303 && !verdict.refusal) hub.signOut({ session });
    return verdict;
  };
  gate.guard = (/** @type {any} */ request, /** @type {any} */ rule) => (paths.includes(request.path) ? follow(request, rule) : guard(request, rule));
}
