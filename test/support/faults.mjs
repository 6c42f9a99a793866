// SPDX-License-Identifier: Apache-2.0
// What a provider can do wrong at a sign-in, for interfaces that sign people in: which options of the client make it show, and what
// must become of it.
import { listFaults } from './practice.mjs';

/** Some faults show only to who asks for something. */
const ASKS = {
  'gw-auth-time-missing': { maxAge: 3600 }, 'gw-auth-time-old': { maxAge: 3600 }, 'gw-auth-time-string': { maxAge: 3600 },
  'gw-acr-lower': { acrValues: 'phr' }, 'gw-acr-missing': { acrValues: 'phr' },
  'oidcc-client-test-form-post-error': { responseMode: 'form_post' },
};

/** Faults that are not of a sign-in. */
const isLater = ({ id, kind }) => /^refresh$|^introspection/.test(kind) || /^oidcc-client-test-rp-backchannel|^gw-logout-(?!token)/.test(id);

/** [{id, what, expect: 'accept' | 'refuse' | 'either', options}] */
export async function listSignInFaults() {
  return (await listFaults()).filter((fault) => !isLater(fault)).map((fault) => ({
    ...fault,
    options: { idTokenSignedResponseAlg: fault.alg, fetchTimeout: fault.id.includes('slow-loris') ? 1 : 10, ...ASKS[fault.id] },
  }));
}
