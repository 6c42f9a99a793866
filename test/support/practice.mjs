// SPDX-License-Identifier: Apache-2.0
// The practice provider, and how a person signs in there.
import { join } from 'node:path';
import { Browser } from './browser.mjs';
import { build } from './place.mjs';
import { Program, run } from './process.mjs';

const program = join(build, 'practice-op/practice-op');

/** The table of what the provider can do wrong: id, kind, expect, alg, what. */
export async function listFaults() {
  const { status, text } = await run(program, ['--faults']);
  if (status !== 0) throw new Error(`practice-op --faults: ${text}`);
  return JSON.parse(text);
}

export class Practice {
  /** args: further arguments of the program; port: a fixed one, to come back under the same issuer. */
  static async start(args = [], port = 0) {
    const practice = new Practice();
    practice.args = args;
    await practice.begin(port);
    return practice;
  }

  async begin(port) {
    this.program = new Program(program, ['--port', String(port), ...this.args], { name: 'practice-op' });
    const found = await this.program.said(/practice-op (http:\S+:(\d+))/);
    [, this.origin, this.port] = found;
  }

  get name() { return 'practice-op'; }

  get text() { return this.program.text; }

  /** The issuer of a label: '' the plain one, else a fault's id, with anything behind a '~'. */
  issuer(label = 'ok') {
    return label ? `${this.origin}/f/${label}` : this.origin;
  }

  async control(label, action, form) {
    const response = await fetch(`${this.issuer(label)}/control/${action}`, form === undefined ? {} : {
      method: 'POST', body: new URLSearchParams(form),
    });
    if (!response.ok) throw new Error(`control ${action}: ${response.status}`);
    return response;
  }

  /** What one issuer was asked: [{endpoint, method, auth, status, params, violations}] */
  async log(label = 'ok') {
    return (await this.control(label, 'log')).json();
  }

  delay(label, endpoint, ms) { return this.control(label, 'delay', { endpoint, ms }); }

  down(label, endpoint, status = 0) { return this.control(label, 'down', { endpoint, status }); }

  up(label) { return this.control(label, 'up', {}); }

  rotate(label) { return this.control(label, 'rotate', {}); }

  /** What the provider has to say about us; an empty list is what every test wants. */
  async violations(label = 'ok') {
    return (await this.log(label)).flatMap((entry) => entry.violations.map((what) => `${entry.endpoint}: ${what}`));
  }

  stop() { return this.program.stop(); }
}

function isAuthorization(url) {
  return url.pathname.endsWith('/authorize') && url.searchParams.has('client_id');
}

/** Adds to an authorization request whom the practice provider is to sign in. */
export function asPerson(who, more = {}) {
  return (url) => {
    if (!isAuthorization(url)) return url;
    const changed = new URL(url);
    for (const [name, value] of Object.entries({ practice_login: who, ...more })) changed.searchParams.set(name, value);
    return changed;
  };
}

/** Opens a page, signing in on the way where it is asked for. Answers what is shown in the end. */
export async function signIn(browser, url, who = 'ada', how = {}) {
  const before = browser.adjust;
  browser.adjust = asPerson(who, how.parameters);
  try {
    let answer = await browser.open(url, how);
    if (answer.status === 200 && answer.url.pathname.endsWith('/authorize') && /document\.forms\[0\]\.submit/.test(answer.text)) {
      const before = answer.history;
      answer = await browser.submit(answer);
      answer.history = [...before, ...answer.history];
    }
    return answer;
  } finally {
    browser.adjust = before;
  }
}

/** A browser whose person is signed in. */
export async function signedIn(url, who = 'ada', options = {}) {
  const browser = new Browser(options);
  browser.first = await signIn(browser, url, who);
  return browser;
}
