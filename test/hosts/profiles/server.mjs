// SPDX-License-Identifier: Apache-2.0
// What the servers under the suite have in common: a program with workers that takes signals as nginx does.
import { isAlive } from '../../support/pid.mjs';
import { until } from '../../support/place.mjs';

/** Has `description`, `program`, `env`, `killed`; and write(description), start(env), workers(), reloadBegin(description) of its own. */
export class Server {
  origin(site = 0) {
    const { port, tls } = this.description.sites[site];
    return `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  }

  /** Takes a new description, or the same once more, without dropping a connection; waits until the new workers serve alone. */
  async reload(description = this.description) {
    await this.drained(await this.reloadBegin(description));
  }

  /** Workers of before that still finish their requests. */
  async drained(before, ms = 15000) {
    await until('the old workers have left', () => !before.some(isAlive), ms);
  }

  async restart(description = this.description) {
    await this.program.stop('SIGQUIT', 15000);
    this.write(description);
    await this.start(this.env);
  }

  kill(pid) {
    this.killed.add(pid); // it lives on for a moment
    process.kill(pid, 'SIGKILL');
  }

  async stop() {
    if (this.program) await this.program.stop('SIGTERM');
  }
}
