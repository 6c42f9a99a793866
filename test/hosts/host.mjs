// SPDX-License-Identifier: Apache-2.0
// The server under test, by the name in GATE_HOST, and the usual set-up: a practice provider, a mirror, a site.
import { Mirror } from '../support/application.mjs';
import { freePort } from '../support/place.mjs';
import { Practice } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';

export const host = await import(`./profiles/${process.env.GATE_HOST ?? 'nginx'}.mjs`);

const missing = host.missing();
if (missing) throw new Error(missing);

export const identity = { 'X-User-Sub': 'sub', 'X-User-Name': 'name', 'X-User-Email': 'email', 'X-User-Groups': 'groups' };

export const SECRET = 'a-secret-for-tests-of-thirty-two-bytes-and-more';

/** Options of a provider for one issuer of the practice provider. */
export function client(practice, label = 'ok', more = {}) {
  return { issuer: practice.issuer(label), client_id: 'practice', client_secret: 'practice-secret', scope: 'openid profile email', ...more };
}

/** A site with the places that most tests need; `more` is added to it. */
export function usualSite(port, upstream, more = {}) {
  return {
    port, upstream,
    places: [
      { path: '/', provider: 'main', headers: identity },
      { path: '/public/' },
      { path: '/api/', provider: 'main', unauthenticated: '401', headers: identity },
      { path: '/perhaps/', provider: 'main', unauthenticated: 'pass', headers: identity },
      { path: '/admins/', provider: 'main', require: ['groups has "admins"'], headers: identity },
      ...(more.places ?? []),
    ],
    ...Object.fromEntries(Object.entries(more).filter(([name]) => name !== 'places')),
  };
}

/**
 * A stage with provider, mirror and server. settings: provider (options of `main`), providers, site, sites(port, world), workers,
 * cookieSecrets, lines, practiceArgs, env(stage).
 */
export async function setUp(name, settings = {}) {
  const stage = openStage(`hosts-${name}`);
  const test = testOn(stage);
  const practice = stage.add(await Practice.start(settings.practiceArgs));
  const mirror = stage.add(await Mirror.start());
  const port = await freePort();
  const world = { stage, test, practice, mirror, port };
  const more = typeof settings.site === 'function' ? settings.site(world) : settings.site;
  const description = {
    workers: settings.workers ?? 1,
    cookieSecrets: settings.cookieSecrets,
    providers: { main: client(practice, 'ok', { logout_uri: '/logout', ...settings.provider }), ...settings.providers?.(world) },
    sites: settings.sites ? await settings.sites(world) : [usualSite(port, mirror.origin, more)],
    lines: settings.lines,
  };
  const server = await host.open(stage, description, await settings.env?.(stage));
  return Object.assign(world, { server, description, origin: server.origin(), url: (path) => new URL(path, server.origin()).href });
}
