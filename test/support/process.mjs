// SPDX-License-Identifier: Apache-2.0
// Programs beside the test: started, listened to, and ended with all their children, also when the test fails.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { until } from './place.mjs';

const running = new Set();

/** Processes whose parent is `pid`. */
export function childrenOf(pid) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid).map(Number);
}

function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

export function isAlive(pid) {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended by itself
  }
}

function killAll() {
  for (const program of running) {
    for (const pid of [program.pid, ...childrenOf(program.pid)]) signal(pid, 'SIGKILL');
  }
}

process.on('exit', killAll);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => process.exit(1));

/** A running program. `text` is what it has said on both streams. */
export class Program {
  constructor(command, args, options = {}) {
    this.name = options.name ?? command;
    this.text = '';
    this.child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env } });
    this.pid = this.child.pid;
    this.ended = new Promise((done) => this.child.once('close', (code, by) => {
      running.delete(this);
      done(code ?? by);
    }));
    this.child.once('error', (error) => { this.text += `\n${error.message}`; });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => { this.text += chunk; });
    }
    if (this.pid) running.add(this);
  }

  /** The match of a pattern in what the program says, once it has said it. */
  said(pattern, ms = 10000) {
    return until(`${this.name} says ${pattern}`, () => {
      const found = this.text.match(pattern);
      if (!found && (this.child.exitCode !== null || !this.pid)) throw new Error(`${this.name} ended early:\n${this.text}`);
      return found;
    }, ms);
  }

  signal(name) {
    signal(this.pid, name);
  }

  /** Ends the program, in haste if it hesitates. */
  async stop(name = 'SIGTERM', ms = 5000) {
    if (!this.pid || this.child.exitCode !== null || this.child.signalCode !== null) return this.ended;
    signal(this.pid, name);
    const haste = setTimeout(() => {
      for (const pid of [this.pid, ...childrenOf(this.pid)]) signal(pid, 'SIGKILL');
    }, ms);
    const how = await this.ended;
    clearTimeout(haste);
    return how;
  }
}

/** Runs a program to its end. */
export async function run(command, args, options = {}) {
  const program = new Program(command, args, options);
  const status = await program.ended;
  return { status, text: program.text };
}
