// SPDX-License-Identifier: Apache-2.0
// What auth() puts on the requests and responses of Express, for TypeScript.
import type { RequestContext } from '../lib/express/request.js';
import type { ResponseContext } from '../lib/express/response.js';

declare global {
  namespace Express {
    interface Request {
      oidc: RequestContext;
      /** The session under its usual name. Another "session.name" wants a declaration of your own. */
      appSession: Record<string, any>;
      /** At the callback: what getLoginState said when the sign-in began. */
      openidState?: Record<string, any>;
    }
    interface Response {
      oidc: ResponseContext;
    }
  }
}
