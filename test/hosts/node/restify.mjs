// SPDX-License-Identifier: Apache-2.0
// Restify.
import { readFileSync } from 'node:fs';
import restify from 'restify';
import { restifyGuard } from '../../../servers/node/lib/guard/index.js';
import { tune } from './server.mjs';
import { passOn } from './upstream.mjs';

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'del', 'opts'];

function optionsOf({ tls, http2 }) {
  if (!tls) return {};
  const files = { key: readFileSync(tls.key), cert: readFileSync(tls.cert) };
  return http2 ? { http2: { ...files, allowHTTP1: true } } : { ...files, certificate: files.cert };
}

export function buildServer({ gate, places, site }) {
  const guard = restifyGuard(gate);
  const app = restify.createServer({ ...optionsOf(site), log: { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child() { return this; } } });
  app.pre(guard.site());
  for (const { path, exact, rule, upstream } of places) {
    const pass = (req, res, next) => {
      passOn(upstream, req.url, req, res);
      res.on('close', () => next(false));
    };
    for (const method of METHODS) app[method](exact ? path : `${path}*`, ...(rule ? [guard.place(rule)] : []), pass);
  }
  return tune(app.server);
}
