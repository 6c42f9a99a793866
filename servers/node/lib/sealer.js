// SPDX-License-Identifier: Apache-2.0
// Sealed text: JWE, dir and A256GCM, by the engine.
import { addon } from './addon.js';

/**
 * @param {string[]} secrets the first seals, all open
 * @param {string} purpose
 */
export function openSealer(secrets, purpose) {
  const handle = addon.sealerOpen(secrets, purpose);
  return {
    /**
     * @param {Record<string, unknown>} header further members of the protected header
     * @param {string} text
     * @returns {string}
     */
    seal(header, text) {
      const members = JSON.stringify(header ?? {}).slice(1, -1);
      const sealed = addon.seal(handle, members && `,${members}`, text);
      if (sealed === null) throw new RangeError('what is to be sealed is too long');
      return sealed;
    },

    /** @param {string} sealed @returns {{header: Record<string, any>, text: string} | null} null: no key opens it */
    unseal(sealed) {
      const opened = addon.unseal(handle, sealed);
      return opened && { header: JSON.parse(opened[0]), text: opened[1] };
    },
  };
}
