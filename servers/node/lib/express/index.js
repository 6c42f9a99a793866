// SPDX-License-Identifier: Apache-2.0
// Sign-in for Express 4 and 5, with the habits of express-openid-connect: see docs/express.md.
export { auth } from './auth.js';
export { claimCheck, claimEquals, claimIncludes, requiresAuth } from './gates.js';
export { attemptSilentLogin } from './silent.js';
export { SessionError } from '../session/index.js';
