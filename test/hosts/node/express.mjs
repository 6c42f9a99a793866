// SPDX-License-Identifier: Apache-2.0
// Express 5.
import express from 'express5';
import { expressGuard } from '../../../servers/node/lib/guard/index.js';
import { makeServer } from './server.mjs';
import { passOn } from './upstream.mjs';

export function buildServer({ gate, places, site }) {
  const guard = expressGuard(gate);
  const app = express();
  app.use(guard.site());
  for (const { path, exact, rule, upstream } of places) {
    const handlers = [...(rule ? [guard.place(rule)] : []), (req, res) => passOn(upstream, req.originalUrl, req, res)];
    if (exact) app.all(path, handlers);
    else app.use(path, handlers);
  }
  return makeServer(site, app);
}
