// SPDX-License-Identifier: Apache-2.0
// A description of sites and places (see profiles/nginx.mjs), in the words of the Node package.
import { Gate } from '../../../servers/node/index.js';
import { FileStore } from './file-store.mjs';

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
const inCamel = (options) => Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), value]));

/** What the server keeps by itself elsewhere, the application's store keeps here. */
function provider({ session_store: store = 'store', ...options }) {
  return { ...inCamel(options), sessionStore: store === 'lmdb' ? 'store' : store };
}

const isOff = (value) => value === undefined || value === 'off';

/** What a place does not say, its site says; 'off' takes all of that back. */
function demandsOf(place, site) {
  const { bearer, ...options } = { ...(place.provider !== 'off' && site.options), ...place.options };
  const name = place.provider ?? site.provider;
  if (isOff(name) && isOff(bearer)) return null;
  const demands = {
    ...(!isOff(name) && { provider: name }), ...(!isOff(bearer) && { bearer, ...inCamel(options) }),
    unauthenticated: place.unauthenticated ?? site.unauthenticated, require: place.require ?? site.require, header: place.headers ?? site.headers,
  };
  return Object.fromEntries(Object.entries(demands).filter(([, value]) => value !== undefined));
}

/** Closest first, so that the first that fits is the one. */
function closestFirst(a, b) {
  return Number(b.exact ?? false) - Number(a.exact ?? false) || b.path.length - a.path.length;
}

/** @returns {{gate, places: {path, exact, rule, upstream}[]}} */
export function openSite(description, site, log) {
  const gate = new Gate({
    providers: Object.fromEntries(Object.entries(description.providers ?? {}).map(([name, options]) => [name, provider(options)])),
    cookieSecret: description.cookieSecrets, store: new FileStore(description.store), log,
  });
  const places = [...site.places ?? []].sort(closestFirst).map((place) => {
    const demands = demandsOf(place, site);
    return { path: place.path, exact: place.exact ?? false, rule: demands && gate.rule(demands), upstream: place.upstream ?? site.upstream };
  });
  return { gate, places };
}
