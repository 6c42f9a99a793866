// SPDX-License-Identifier: Apache-2.0
// node:http, without a framework: what is matched is the target as it came.
import { httpGuard } from '../../../servers/node/lib/guard/index.js';
import { makeServer } from './server.mjs';
import { passOn } from './upstream.mjs';

export function buildServer({ gate, places, site }) {
  const guard = httpGuard(gate);
  const routes = places.map(({ path, exact, rule, upstream }) => {
    const pass = (req, res) => passOn(upstream, req.url, req, res);
    return { fits: (target) => (exact ? target === path : target.startsWith(path)), answer: rule ? guard.place(rule, pass) : pass };
  });
  return makeServer(site, guard.site((req, res) => {
    const route = routes.find(({ fits }) => fits(req.url.split('?')[0]));
    if (route) return route.answer(req, res);
    res.statusCode = 404;
    return res.end();
  }));
}
