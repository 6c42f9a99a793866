// SPDX-License-Identifier: Apache-2.0
// Whose a session is. Applications that share a secret or a store can open each other's: one more reason for a session to be nobody's is
// that its ID Token comes from another provider, or was made for another client.
import { claimsText, readClaims } from './claims.js';

/** An issuer that is a mere origin is spelled with a slash at the end by some. @param {string} issuer */
const plain = (issuer) => issuer.replace(/\/$/, '');

/**
 * @param {() => Record<string, string>} owner  issuer and client_id
 * @returns {(data: any) => boolean}
 */
export function ownedBy(owner) {
  return ({ id_token: token }) => {
    if (token === undefined || token === null) return true; // nobody has signed in yet
    const claims = readClaims(claimsText(token));
    const { issuer, client_id: client } = owner();
    return typeof claims?.iss === 'string' && plain(claims.iss) === plain(issuer) && [claims.aud].flat().includes(client);
  };
}
