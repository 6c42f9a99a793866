// SPDX-License-Identifier: Apache-2.0
// A session store as express-session wants one, a file for each session: several processes share it, and it lives through all of them.
import { mkdirSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

let count = 0;

export class FileStore {
  constructor(folder) {
    this.folder = folder;
    try {
      mkdirSync(folder, { recursive: true });
    } catch {
      // each request will be told
    }
  }

  /** Ids are of the caller's alphabet, which need not be that of file names. */
  file(sid) {
    return join(this.folder, Buffer.from(sid).toString('base64url'));
  }

  get(sid, done) {
    readFile(this.file(sid), 'utf8').then((text) => done(null, JSON.parse(text)), (error) => (error.code === 'ENOENT' ? done(null, null) : done(error)));
  }

  set(sid, session, done = () => {}) {
    const part = `${this.file(sid)}.${process.pid}.${++count}`;
    writeFile(part, JSON.stringify(session)).then(() => rename(part, this.file(sid))).then(() => done(null), done);
  }

  destroy(sid, done = () => {}) {
    rm(this.file(sid), { force: true }).then(() => done(null), done);
  }
}
