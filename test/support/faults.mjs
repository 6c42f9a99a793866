// SPDX-License-Identifier: Apache-2.0
// What a provider can do wrong at a sign-in, for interfaces that sign people in: which options of the client make it show, and what
// must become of it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePair } from './keys.mjs';
import { listFaults } from './practice.mjs';

/** Some faults show only to who asks for something. */
const ASKS = {
  'gw-auth-time-missing': { maxAge: 3600 }, 'gw-auth-time-old': { maxAge: 3600 }, 'gw-auth-time-string': { maxAge: 3600 },
  'gw-acr-lower': { acrValues: 'phr' }, 'gw-acr-missing': { acrValues: 'phr' },
  'oidcc-client-test-form-post-error': { responseMode: 'form_post' },
};

/** Long enough for a key to be made of it (OIDC Core 16.19). */
export const CLIENT_SECRET = 'practice-secret-of-the-client';

const pair = makePair('rsa', { modulusLength: 2048 });

/** What the provider is started with, so that it can encrypt to the client. @param {string} folder */
export function encryptionArguments(folder) {
  const file = join(folder, 'encryption.pem');
  writeFileSync(file, pair.publicKey.export({ type: 'spki', format: 'pem' }));
  return ['--client', `practice:${CLIENT_SECRET}`, '--client-encryption-key', `practice:${file}`];
}

/** What is agreed about encryption for a fault: "ALG ENC" for ID Tokens, for userinfo. */
export function encryptionOptions({ encrypt, encrypt_info: info }) {
  const named = [['idToken', encrypt], ['userinfo', info]].filter(([, how]) => how);
  const needsKey = named.some(([, how]) => how.startsWith('RSA'));
  const agreed = named.flatMap(([what, how]) => ['Alg', 'Enc'].map((part, i) => [`${what}EncryptedResponse${part}`, how.split(' ')[i]]));
  return { ...Object.fromEntries(agreed), ...(needsKey && { decryptionKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) }) };
}

/** Faults that are not of a sign-in. */
const isLater = ({ id, kind }) => /^refresh$|^introspection/.test(kind) || /^oidcc-client-test-rp-backchannel|^gw-logout-(?!token)/.test(id);

/** [{id, what, expect: 'accept' | 'refuse' | 'either', options}] */
export async function listSignInFaults() {
  return (await listFaults()).filter((fault) => !isLater(fault)).map((fault) => ({
    ...fault,
    options: { idTokenSignedResponseAlg: fault.alg, fetchTimeout: fault.id.includes('slow-loris') ? 1 : 10, ...ASKS[fault.id], ...encryptionOptions(fault) },
  }));
}
