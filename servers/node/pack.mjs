// SPDX-License-Identifier: Apache-2.0
// Before the package is packed: brings the engine's sources, the licence and the types in, so that the package builds by itself.
// With --clean: takes them out again.
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = dirname(fileURLToPath(import.meta.url));
const tree = join(home, '../..');
const brought = ['engine', 'LICENSE', 'types'];

for (const name of brought) rmSync(join(home, name), { recursive: true, force: true });
if (!process.argv.includes('--clean')) {
  for (const name of ['src', 'include']) {
    cpSync(join(tree, name), join(home, 'engine', name), {
      recursive: true,
      filter: (path) => statSync(path).isDirectory() || /\.(c|h|def)$/.test(path),
    });
  }
  cpSync(join(tree, 'LICENSE'), join(home, 'LICENSE'));
  if (!readdirSync(join(home, 'engine/src')).includes('engine.c')) throw new Error('the engine is not where it should be');
  spawnSync(join(tree, 'test/node_modules/.bin/tsc'), ['-p', home], { stdio: 'ignore' }); // what it finds wrong, `npm run types` says
  if (!existsSync(join(home, 'types/index.d.ts'))) throw new Error('the types were not made: `make package` brings typescript');
  // What an entry adds to the requests of Express: declarations that tsc takes from no comment.
  cpSync(join(home, 'globals'), join(home, 'types/globals'), { recursive: true });
  for (const name of readdirSync(join(home, 'globals'))) {
    const entry = join(home, 'types/lib', name.replace('.d.ts', ''), 'index.d.ts');
    if (!existsSync(entry)) throw new Error(`globals/${name} belongs to no entry`);
    appendFileSync(entry, `import '../../globals/${name.replace('.d.ts', '.js')}';\n`);
  }
}
