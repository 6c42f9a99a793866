// SPDX-License-Identifier: Apache-2.0
// Bytes on a socket, for requests that no client library would write.
import { connect } from 'node:net';

/** Sends text as it is and reads until the server closes. */
export function rawRequest(port, text, ms = 10000) {
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1');
    const parts = [];
    socket.setTimeout(ms, () => socket.destroy(new Error(`no end of the answer within ${ms} ms`)));
    socket.on('connect', () => socket.write(text));
    socket.on('data', (part) => parts.push(part)).on('error', fail);
    socket.on('close', () => done(readAnswer(Buffer.concat(parts))));
  });
}

/** A GET whose fields are written out as given: [name, value] pairs. */
export function rawGet(port, path, fields, method = 'GET') {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...fields.map(([name, value]) => `${name}: ${value}`)];
  return rawRequest(port, `${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`);
}

function readAnswer(bytes) {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const [first, ...lines] = text.slice(0, end).split('\r\n');
  const headers = {};
  for (const line of lines) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).toLowerCase();
    headers[name] = [...(headers[name] ?? []), line.slice(at + 1).trim()];
  }
  const body = bytes.subarray(end + 4);
  const chunked = headers['transfer-encoding']?.includes('chunked');
  return { status: Number(first.split(' ')[1]), headers, text: (chunked ? unchunk(body) : body).toString('utf8') };
}

function unchunk(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\r\n', at);
    const size = parseInt(bytes.toString('latin1', at, end), 16);
    if (!size) break;
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(parts);
}
