// SPDX-License-Identifier: Apache-2.0
// A body that was read to decide about its request, given back: the application reads the stream as if nobody had.
import { Readable } from 'node:stream';

/** @param {any} req */
export function giveBack(req) {
  if (!Buffer.isBuffer(req.rawBody) || !req.readableEnded) return;
  // A stream that has ended begins anew only with a state of its own. Node reads no more of this message from the connection.
  Readable.call(req, { autoDestroy: false });
  req._read = () => {};
  req.push(req.rawBody);
  req.push(null);
}
