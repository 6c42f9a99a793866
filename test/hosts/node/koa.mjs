// SPDX-License-Identifier: Apache-2.0
// Koa, with koa-mount.
import Koa from 'koa';
import mount from 'koa-mount';
import { koaGuard } from '../../../servers/node/lib/guard/index.js';
import { makeServer } from './server.mjs';
import { passOn } from './upstream.mjs';

export function buildServer({ gate, places, site }) {
  const guard = koaGuard(gate);
  const app = new Koa();
  app.silent = true;
  app.use(guard.site());
  for (const { path, exact, rule, upstream } of places) {
    const pass = (ctx) => {
      ctx.respond = false;
      passOn(upstream, ctx.originalUrl, ctx.req, ctx.res);
    };
    const stack = rule ? [guard.place(rule), pass] : [pass];
    const mounted = mount(path, stack);
    app.use(exact ? (ctx, next) => (ctx.path === path ? mounted(ctx, next) : next()) : mounted);
  }
  return makeServer(site, app.callback());
}
