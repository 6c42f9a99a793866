// SPDX-License-Identifier: Apache-2.0
// A key and a certificate for 127.0.0.1 and localhost that lasts for the test.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process.mjs';

export async function makeCertificate(folder) {
  const key = join(folder, 'tls.key');
  const cert = join(folder, 'tls.crt');
  const { status, text } = await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
    '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']);
  if (status !== 0) throw new Error(`openssl: ${text}`);
  return { key, cert, ca: readFileSync(cert, 'utf8') };
}
