// SPDX-License-Identifier: Apache-2.0
// The application behind the server under test: the sample page as a program, and a mirror that tells what reached it.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from './place.mjs';
import { Program } from './process.mjs';

export async function startSample() {
  const program = new Program(join(build, 'demo/sample-app/sample-app'), ['--port', '0'], { name: 'sample-app' });
  const [, origin] = await program.said(/sample-app (http:\S+)/);
  program.origin = origin;
  return program;
}

/** Answers every request with JSON: method, target, fields as [name, value] pairs, and the body's length and SHA-256. */
export class Mirror {
  static async start() {
    const mirror = new Mirror();
    mirror.seen = [];
    mirror.server = createServer((request, response) => mirror.answer(request, response));
    await new Promise((done) => mirror.server.listen(0, '127.0.0.1', done));
    mirror.origin = `http://127.0.0.1:${mirror.server.address().port}`;
    return mirror;
  }

  async answer(request, response) {
    const hash = createHash('sha256');
    let length = 0;
    for await (const part of request) {
      hash.update(part);
      length += part.length;
    }
    const fields = [];
    for (let i = 0; i < request.rawHeaders.length; i += 2) fields.push([request.rawHeaders[i], request.rawHeaders[i + 1]]);
    const { method, url: target } = request;
    const told = { method, target, fields, body: { length, sha256: hash.digest('hex') } };
    this.seen.push(told);
    response.setHeader('content-type', 'application/json');
    response.setHeader('x-mirror-method', method);
    response.end(JSON.stringify(told));
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }
}

function plain(name) {
  return name.toLowerCase().replaceAll(/[_.]/g, '-');
}

/** All values that the application has for a header, whatever way it is spelled: frameworks fold '_' and '-'. */
export function valuesOf(told, name) {
  return told.fields.filter(([each]) => plain(each) === plain(name)).map(([, value]) => value);
}
