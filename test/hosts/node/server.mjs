// SPDX-License-Identifier: Apache-2.0
// The server of a site: HTTP, HTTPS, or HTTP/2 with HTTPS beside it.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';

// Node's own default is 16 KiB for all headers; cookies of several sign-ins and a sealed session together may be more.
const limits = { maxHeaderSize: 65536 };

/** A server that is about to leave keeps nobody waiting. */
export function tune(server) {
  if (!('keepAliveTimeout' in server)) return server;
  server.keepAliveTimeout = 2000;
  return server;
}

export function makeServer({ tls, http2: second }, listener) {
  if (!tls) return tune(http.createServer(limits, listener));
  const files = { key: readFileSync(tls.key), cert: readFileSync(tls.cert) };
  if (second) return http2.createSecureServer({ ...files, ...limits, allowHTTP1: true }, listener);
  return tune(https.createServer({ ...files, ...limits }, listener));
}
