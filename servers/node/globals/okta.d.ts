// SPDX-License-Identifier: Apache-2.0
// What ExpressOIDC puts on the requests of Express, for TypeScript.
declare global {
  namespace Express {
    interface Request {
      /** Who is signed in. */
      userContext?: { userinfo: Record<string, any>; tokens: Record<string, any> };
    }
  }
}

export {};
