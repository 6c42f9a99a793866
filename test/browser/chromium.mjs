// SPDX-License-Identifier: Apache-2.0
// Chromium, driven by playwright-core, where both are installed.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../support/place.mjs';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--no-proxy-server'];

/** Why the tests cannot run, or false. */
export async function missing() {
  if (!executablePath) return 'Chromium is not installed';
  return import('playwright-core').then(() => false, () => 'playwright-core is not installed');
}

export async function launch() {
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, args: ARGS });
}

export const pictures = join(build, 'screenshots');

export async function picture(page, name) {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}
