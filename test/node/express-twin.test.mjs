// SPDX-License-Identifier: Apache-2.0
// The same application twice, on express-openid-connect and here: the same requests have answers of the same shape.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import eoc from 'express-openid-connect';
import express4 from 'express4';
import { Browser } from '../support/browser.mjs';
import { Practice, signIn } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import * as ours from '../../servers/node/lib/express/index.js';
import { application } from './express-support.mjs';

const stage = openStage('express-twin');
const test = testOn(stage);
const practice = stage.add(await Practice.start());
const html = {};
const xhr = { mode: 'cors', headers: { accept: 'application/json' } };

const placesOf = ({ requiresAuth, claimEquals, claimIncludes, claimCheck }) => (app) => {
  const who = (req, res) => res.json({ sub: req.oidc.user?.sub ?? null, user: req.oidc.user && Object.keys(req.oidc.user).sort(), url: req.originalUrl });
  app.get('/', who);
  app.get('/me', requiresAuth(), who);
  app.post('/me', requiresAuth(), who);
  app.get('/admins', claimIncludes('groups', 'admins'), who);
  app.get('/both', claimIncludes('groups', 'admins', 'pilots'), who);
  app.get('/name', claimIncludes('name', 'Ada'), who);
  app.get('/number', claimIncludes('auth_time', 1), who);
  app.get('/ada', claimEquals('sub', 'person-ada'), who);
  app.get('/absent', claimEquals('absent', null), who);
  app.get('/check', claimCheck((req, claims) => claims.email_verified), who);
  app.get('/never', claimCheck(() => false), who);
  app.get('/custom', requiresAuth((req) => req.query.must === '1'), who);
  app.get('/throws', requiresAuth(() => { throw new Error('a check that fails'); }), who);
  app.get('/enter', (req, res) => res.oidc.login({ returnTo: '/?came=back' }));
  app.get('/leave', (req, res) => res.oidc.logout({ returnTo: '/?gone=1' }));
  app.get('/all', requiresAuth(), (req, res) => res.json({ claims: Object.keys(req.oidc.idTokenClaims).sort(), session: Object.keys(req.appSession).sort(), access: Object.keys(req.oidc.accessToken).sort(), expired: req.oidc.accessToken.isExpired() }));
};

/** Both, with the same options. */
async function twins(more, set = {}) {
  // What express-openid-connect passes to `next` from a refused promise of a middleware reaches an error handler on Express 5 alone.
  const theirs = await application(stage, practice, more, { places: placesOf(eoc), auth: eoc.auth, ...set });
  const mine = await application(stage, practice, more, { places: placesOf(ours), ...set });
  return [theirs, mine];
}

/** What can be compared of an answer: addresses without their origin, random values as their names. */
function shape(site, answer) {
  const location = answer.headers.location === undefined ? undefined : new URL(answer.headers.location, site.origin);
  // They remove skipSilentLogin also where the browser has none.
  const cookies = answer.cookies.filter((field) => /^(appSession|skipSilentLogin)(\.\d)?=/.test(field) && !/^skipSilentLogin=;/.test(field))
    .map((field) => field.replace(/=([^;]*)/, (_, value) => (value ? '=...' : '=')).replace(/Expires=(?!Thu, 01 Jan 1970)[^;]*/, 'Expires=later').split('; ').sort().join('; '));
  return {
    status: answer.status,
    to: location && (location.origin === site.origin ? location.pathname + location.search : location.pathname),
    absolute: answer.headers.location !== undefined && /^https?:/.test(answer.headers.location),
    asks: location && location.origin !== site.origin ? [...location.searchParams.keys()].sort() : undefined,
    cookies,
    words: answer.status === 401 ? answer.json.message : undefined,
  };
}

async function assertAlike(sites, path, how = html) {
  const [theirs, mine] = await Promise.all(sites.map(async (site) => shape(site, await site.browser.request(site.origin + path, how))));
  // On each response they set the session anew; we do where it has changed.
  const written = (fields) => fields.filter((field) => !/appSession(\.\d)?=\.\.\./.test(field));
  assert.deepEqual({ ...mine, cookies: written(mine.cookies) }, { ...theirs, cookies: written(theirs.cookies) }, path);
}

const requests = [
  ['/'], ['/me'], ['/me', xhr], ['/me?x=1&y[]=2'], ['/me', { method: 'POST' }], ['/me', { method: 'POST', headers: { accept: 'application/json' } }], ['/admins'], ['/admins', xhr], ['/both', xhr], ['/name', xhr], ['/number', xhr], ['/ada', xhr], ['/absent', xhr],
  ['/check', xhr], ['/never', xhr], ['/custom', xhr], ['/custom?must=1', xhr], ['/custom?must=1'], ['/nowhere'], ['/login'], ['/enter'], ['/Login'], ['/login/'], ['/login', { method: 'POST' }], ['/logout', { method: 'POST' }], ['/callback', { method: 'PUT' }],
];

for (const [name, more] of Object.entries({
  'as it comes': {}, 'authRequired': { authRequired: true }, 'errorOnRequiredAuth': { errorOnRequiredAuth: true }, 'idpLogout': { idpLogout: true },
  'cookies of one’s own': { session: { cookie: { path: '/', sameSite: 'Strict', transient: true } } }, 'max_age': { authorizationParams: { response_type: 'code', max_age: 100, prompt: 'consent' } },
})) {
  describe(name, () => {
    let sites;
    test('somebody who is nobody', async () => {
      sites = await twins(more);
      for (const [path, how] of requests) await assertAlike(sites, path, how);
    });

    test('signs in, and is somebody', async () => {
      const shown = await Promise.all(sites.map((site) => signIn(site.browser, site.origin + (more.errorOnRequiredAuth ? '/enter' : '/me?q=1'))));
      assert.deepEqual(shown[1].json, shown[0].json);
      assert.deepEqual(shown[1].history.map(({ status }) => status), shown[0].history.map(({ status }) => status));
      const [theirs, mine] = shown.map(({ history }, i) => shape(sites[i], history.at(-2)));
      assert.deepEqual(mine, theirs, 'the answer at the callback');
      for (const [path, how] of requests) await assertAlike(sites, path, how);
      const all = await Promise.all(sites.map((site) => site.browser.request(`${site.origin}/all`)));
      assert.deepEqual(all[1].json, all[0].json);
    });

    test('signs out', async () => {
      for (const path of ['/leave', '/', '/logout', '/']) await assertAlike(sites, path);
      assert.equal(sites[1].browser.jar.find(/^appSession(\.\d)?$/).length, 0);
    });
  });
}

describe('errors', () => {
  test('a check that throws goes to the error handler, as does a callback of nobody', async () => {
    const sites = await twins({}, {});
    for (const path of ['/throws', '/callback?code=x&state=y']) {
      const answers = await Promise.all(sites.map((site) => site.browser.request(site.origin + path)));
      assert.deepEqual(answers.map(({ status }) => status), path === '/throws' ? [500, 500] : [400, 400], path);
    }
  });

  test('what the provider answers instead of a code is said in the same words', async () => {
    const sites = await twins({});
    const answers = await Promise.all(sites.map((site) => signIn(site.browser, `${site.origin}/me`, 'ada', { parameters: { practice_error: 'access_denied' } })));
    assert.deepEqual(answers.map(({ json }) => json.error), ['access_denied', 'access_denied']);
    assert.deepEqual(answers.map(({ status }) => status), [400, 403]);
  });

  test('silent sign-in of nobody', async () => {
    const sites = await twins({ attemptSilentLogin: true });
    const shown = await Promise.all(sites.map((site) => site.browser.open(`${site.origin}/?x=1`)));
    assert.deepEqual(shown[1].json, shown[0].json);
    assert.deepEqual(shown.map(({ history }, i) => shape(sites[i], history[0]).cookies), [0, 1].map(() => ['HttpOnly; Path=/; SameSite=Lax; skipSilentLogin=...']));
  });
});

describe('change of package in the middle of it', () => {
  test('signed in there, somebody here, without a sign-in; and the other way round', async () => {
    const [theirs, mine] = await twins({});
    await signIn(theirs.browser, `${theirs.origin}/me`);
    const there = new Browser({ jar: theirs.browser.jar.copy() });
    assert.equal((await there.request(`${mine.origin}/me`)).json.sub, 'person-ada');
    await signIn(mine.browser, `${mine.origin}/me`);
    const here = new Browser({ jar: mine.browser.jar.copy() });
    assert.equal((await here.request(`${theirs.origin}/me`)).json.sub, 'person-ada');
  });

  test('on Express 4 too', async () => {
    const [theirs, mine] = await twins({}, { express: express4 });
    await signIn(theirs.browser, `${theirs.origin}/me`);
    assert.equal((await theirs.browser.request(`${mine.origin}/me`)).json.sub, 'person-ada');
  });
});
