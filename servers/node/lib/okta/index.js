// SPDX-License-Identifier: Apache-2.0
export { ExpressOIDC, ExpressOIDC as default } from './express_oidc.js';
