// SPDX-License-Identifier: Apache-2.0
// All of the package. Each folder of lib/ can be had by itself: gatewright/express, gatewright/passport ...
import { Auth, middleware } from './lib/oidc/index.js';

export { Gate, Rule } from './lib/gate.js';
export { OptionError, Refusal } from './lib/errors.js';
export { environmentNames } from './lib/options.js';
export { Verdict } from './lib/verdict.js';

export { attemptSilentLogin, auth, claimCheck, claimEquals, claimIncludes, requiresAuth } from './lib/express/index.js';
export { bearer, requiredScopes, scopeIncludesAny } from './lib/bearer/index.js';
export { Strategy } from './lib/passport/index.js';
export { ExpressOIDC } from './lib/okta/index.js';
export { socketAuth } from './lib/sockets/index.js';

export { Auth, middleware };
export default { Auth, middleware };
