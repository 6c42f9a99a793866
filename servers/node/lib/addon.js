// SPDX-License-Identifier: Apache-2.0
// Finds and loads the engine: built with the package when it was installed, or by tools/build in the source tree.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const tree = resolve(home, '../..');

/** GATEWRIGHT_ADDON names another build of it, such as one for a debugger. */
function candidates() {
  const { GATEWRIGHT_ADDON: named } = process.env;
  if (named) return [resolve(named)];
  const built = [join(home, 'build/gatewright.node')];
  return existsSync(join(tree, 'include/gate.h')) ? [join(tree, 'build/node/gatewright.node'), ...built] : built;
}

/**
 * @param {unknown} error
 * @returns {string}
 */
function explain(error) {
  const words = error instanceof Error ? error.message : String(error);
  if (process.versions.electron) {
    return `gatewright needs the OpenSSL of Node, which Electron does not have: run it in a Node process (${words})`;
  }
  return `gatewright's engine cannot be loaded into Node ${process.version}: build it again with "npm rebuild gatewright" (${words})`;
}

/** @returns {import('./addon-types.js').Addon} */
function load() {
  const found = candidates().find((path) => existsSync(path));
  if (!found) throw new Error('gatewright\'s engine is not built: run "npm rebuild gatewright" (it needs cmake and a C compiler)');
  try {
    return createRequire(import.meta.url)(found);
  } catch (error) {
    throw new Error(explain(error), { cause: error });
  }
}

export const addon = load();
