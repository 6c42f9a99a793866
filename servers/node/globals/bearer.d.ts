// SPDX-License-Identifier: Apache-2.0
// What bearer() puts on the requests of Express, for TypeScript.
import type { Auth } from '../lib/bearer/auth.js';

declare global {
  namespace Express {
    interface Request {
      /** Of the token that was let in; with authRequired: false there may be none. */
      auth?: Auth;
    }
  }
}
