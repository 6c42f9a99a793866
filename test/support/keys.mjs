// SPDX-License-Identifier: Apache-2.0
// Key pairs for tests.
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';

/**
 * A pair as generateKeyPairSync makes it, read anew from PEM. A key of Node 20 shares a lock with the job that made it: when
 * garbage collection takes the job while the key is written as a JWK, the process stands still for ever.
 */
export function makePair(type, options = {}) {
  const pem = generateKeyPairSync(type, {
    ...options, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { privateKey: createPrivateKey(pem.privateKey), publicKey: createPublicKey(pem.publicKey) };
}
