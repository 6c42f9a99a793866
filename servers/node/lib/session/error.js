// SPDX-License-Identifier: Apache-2.0
// What can go wrong with a session: said with the ids of the refusal table.
import { Refusal } from '../errors.js';

export class SessionError extends Refusal {
  /**
   * @param {'store_down' | 'session_too_large'} id
   * @param {string} [detail]  for the log
   */
  constructor(id, detail) {
    super(id);
    this.name = 'SessionError';
    if (detail) this.message += ` (${detail})`;
    if (id === 'store_down') this.headers['Retry-After'] = '5';
  }
}
