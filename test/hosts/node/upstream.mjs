// SPDX-License-Identifier: Apache-2.0
// The application: it hands each request on to another server, with all that has reached it, so that a test sees it.
import http from 'node:http';
import { connect } from 'node:net';

const HOP = /^(connection|keep-alive|:.*)$/i;

/** Of the list and of the object what is in either: what was taken from one alone shows. */
function fieldsOf(req) {
  const fields = [];
  const seen = new Map();
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    const [name, value] = req.rawHeaders.slice(i, i + 2);
    seen.set(name.toLowerCase(), [...seen.get(name.toLowerCase()) ?? [], value]);
    if (!HOP.test(name)) fields.push(name, value);
  }
  for (const [name, value] of Object.entries(req.headers)) {
    const same = (seen.get(name) ?? []).join(name === 'cookie' ? '; ' : ', ') === String(value) || seen.get(name)?.includes(value);
    if (!same && !HOP.test(name)) fields.push(name, String(value));
  }
  if (!seen.has('host')) fields.push('Host', req.headers[':authority'] ?? '');
  return fields;
}

function isGone(res) {
  return res.destroyed || res.writableEnded;
}

/** Answers with what the upstream answers. */
export function passOn(upstream, target, req, res) {
  const to = new URL(upstream);
  const onward = http.request({ host: to.hostname, port: to.port, method: req.method, path: target, headers: fieldsOf(req), agent: false }, (answer) => {
    if (isGone(res)) {
      answer.destroy();
      return;
    }
    for (const [name, value] of Object.entries(answer.headers)) if (!/^(connection|keep-alive|transfer-encoding)$/.test(name)) res.setHeader(name, value);
    res.statusCode = answer.statusCode;
    answer.pipe(res);
  });
  onward.on('error', () => {
    if (isGone(res)) return;
    res.statusCode = 502;
    res.end();
  });
  res.on('close', () => onward.destroy());
  req.pipe(onward);
}

/** Joins a connection that is to be upgraded to one with the upstream. */
export function passOnSocket(upstream, req, socket, head) {
  const to = new URL(upstream);
  const onward = connect(Number(to.port), to.hostname, () => {
    const fields = fieldsOf(req);
    const lines = Array.from({ length: fields.length / 2 }, (_, i) => `${fields[2 * i]}: ${fields[2 * i + 1]}\r\n`);
    onward.write(`${req.method} ${req.url} HTTP/1.1\r\n${lines.join('')}Connection: Upgrade\r\n\r\n`);
    onward.write(head);
    socket.pipe(onward).pipe(socket);
  });
  for (const [one, other] of [[socket, onward], [onward, socket]]) one.on('error', () => other.destroy()).on('close', () => other.destroy());
}
