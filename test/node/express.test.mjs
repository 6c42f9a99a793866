// SPDX-License-Identifier: Apache-2.0
// auth() and its neighbours on Express 4 and 5: sign-in, sign-out, who is there, who may pass.
import assert from 'node:assert/strict';
import { describe, mock } from 'node:test';
import session from 'express-session';
import { Browser } from '../support/browser.mjs';
import { Practice, signIn } from '../support/practice.mjs';
import { openStage, testOn } from '../support/stage.mjs';
import { attemptSilentLogin, auth, claimCheck, claimEquals, claimIncludes, requiresAuth } from '../../servers/node/lib/express/index.js';
import { application, enter, versions, whoIs } from './express-support.mjs';

const stage = openStage('express');
const test = testOn(stage);
const practice = stage.add(await Practice.start());
const xhr = { mode: 'cors', headers: { accept: 'application/json' } };

for (const [name, express] of Object.entries(versions)) {
  describe(name, () => {
    const open = (more, set) => application(stage, practice, more, { express, ...set });

    test('a page asks for a sign-in, and is shown after it', async () => {
      const site = await open();
      const shown = await enter(site, '/me?a=1&b=%C3%BC');
      assert.equal(shown.status, 200, String(shown));
      assert.deepEqual(shown.json, { sub: 'person-ada', url: '/me?a=1&b=%C3%BC' });
      assert.deepEqual((await site.browser.request(`${site.origin}/me`)).cookies, [], 'nothing is written without need');
    });

    test('who is there: claims, tokens, session', async () => {
      const site = await open();
      const { user, claims, idToken, access, refresh, session: held } = (await enter(site, '/all')).json;
      assert.equal(user.sub, 'person-ada');
      assert.deepEqual(user.groups, ['engineers', 'admins']);
      for (const claim of ['aud', 'iss', 'iat', 'exp', 'nonce', 'at_hash', 'auth_time']) assert.ok(!(claim in user), claim);
      assert.equal(claims.aud, 'practice');
      assert.equal(claims.iss, practice.issuer('ok'));
      assert.equal(idToken, held.id_token);
      assert.equal(access.token_type, 'Bearer');
      assert.ok(access.expires_in > 290 && access.expires_in <= 300);
      assert.equal(access.access_token, held.access_token);
      assert.equal(refresh, held.refresh_token);
      assert.equal(held.sid, claims.sid);
    });

    test('the routes: /login and /logout, in any case; /callback without an attempt is refused', async () => {
      const site = await open();
      assert.equal((await enter(site, '/login')).json.sub, 'person-ada');
      assert.equal((await site.browser.request(`${site.origin}/LOGIN/`)).status, 302);
      const out = await site.browser.request(`${site.origin}/logout`);
      assert.deepEqual([out.status, out.headers.location], [302, site.origin]);
      assert.equal(await whoIs(site), null);
      const refused = await site.browser.request(`${site.origin}/callback?code=x&state=y`);
      assert.equal(refused.status, 400);
      assert.equal(refused.json.id, 'attempt_unknown');
      assert.equal((await site.browser.request(`${site.origin}/login`, { method: 'PUT' })).status, 404);
    });

    test('routes of one’s own, or none', async () => {
      const site = await open({ routes: { login: 'custom-in', logout: '/custom-out', callback: '/custom-back' } });
      assert.equal((await enter(site, '/custom-in')).json.sub, 'person-ada');
      assert.equal((await site.browser.request(`${site.origin}/custom-out`)).status, 302);
      assert.deepEqual(site.middleware.stack.map(({ route }) => route.path), ['/custom-in', '/custom-out', '/custom-back']);
      const bare = await open((origin) => ({ routes: { login: false, logout: false, callback: false }, authorizationParams: { redirect_uri: `${origin}/mine` } }), { places(app) {
        app.get('/mine', (req, res) => res.oidc.callback({ redirectUri: undefined }));
        app.get('/enter', (req, res) => res.oidc.login({ returnTo: '/?x=1' }));
        app.get('/', (req, res) => res.json({ sub: req.oidc.user?.sub ?? null, url: req.originalUrl }));
      } });
      for (const path of ['/login', '/logout', '/callback']) assert.equal((await bare.browser.request(bare.origin + path)).status, 404);
      assert.deepEqual((await enter(bare, '/enter')).json, { sub: 'person-ada', url: '/?x=1' });
    });

    test('what cannot follow a sign-in gets 401 by the error handler', async () => {
      const site = await open();
      for (const how of [xhr, { method: 'POST', headers: { accept: '*/json' } }]) {
        const refused = await site.browser.request(`${site.origin}/me`, how);
        assert.equal(refused.status, 401, String(refused));
        assert.equal(refused.json.message, 'Authentication is required for this route.');
        assert.equal((await site.browser.request(`${site.origin}/me`, { headers: { accept: '*/*', 'sec-fetch-mode': 'cors' } })).status, 401);
      }
      const strict = await open({ errorOnRequiredAuth: true });
      assert.equal((await strict.browser.request(`${strict.origin}/me`)).status, 401);
    });

    test('authRequired, which is the default, holds for all but the routes', async () => {
      const site = await open({ authRequired: undefined });
      assert.equal((await site.browser.request(`${site.origin}/`)).status, 302);
      assert.equal((await site.browser.request(`${site.origin}/nowhere`, xhr)).status, 401);
      assert.equal((await enter(site, '/')).json.sub, 'person-ada');
    });

    test('claims decide: equals, includes all, check', async () => {
      const site = await open();
      await enter(site);
      const status = async (path) => (await site.browser.request(site.origin + path, xhr)).status;
      assert.equal(await status('/admins'), 200);
      assert.equal(await status('/engineers-and-pilots'), 401);
      assert.equal(await status('/ada'), 200);
      assert.equal(await status('/verified'), 200);
      const alan = { ...site, browser: new Browser() };
      await enter(alan, '/me', 'alan');
      assert.equal((await alan.browser.request(`${site.origin}/ada`, xhr)).status, 401);
      const again = await alan.browser.request(`${site.origin}/ada`);
      assert.deepEqual([again.status, again.json.id], [403, 'not_allowed'], 'who has just signed in would be sent around for ever');
      mock.timers.enable({ apis: ['Date'], now: Date.now() + 61_000 });
      try {
        assert.equal((await alan.browser.request(`${site.origin}/ada`)).status, 302, 'a page may sign in as somebody else');
      } finally {
        mock.timers.reset();
      }
    });

    test('mounted below a path', async () => {
      const site = await open((origin) => ({ baseURL: `${origin}/app` }), { mount: '/app', places(app) {
        app.get('/app/me', requiresAuth(), (req, res) => res.json({ sub: req.oidc.user.sub, url: req.originalUrl }));
        app.get('/app', (req, res) => res.json({ sub: req.oidc.user?.sub ?? null, url: req.originalUrl }));
      } });
      assert.deepEqual((await enter(site, '/app/me?x=1')).json, { sub: 'person-ada', url: '/app/me?x=1' });
      assert.equal((await enter(site, '/app/login')).json.url, '/app');
      assert.equal((await site.browser.request(`${site.origin}/app/logout`)).headers.location, `${site.origin}/app`);
    });

    for (const parser of ['nothing', 'express.urlencoded']) {
      test(`form_post, with the form read by ${parser}`, async () => {
        const site = await open({ authorizationParams: { response_mode: 'form_post' } }, { before(app) { if (parser !== 'nothing') app.use(express.urlencoded({ extended: true })); } });
        const browser = new Browser();
        const begun = await browser.request(`${site.origin}/me?x=1`);
        assert.equal(begun.location.searchParams.get('response_mode'), 'form_post');
        // SameSite=None wants https; a browser on loopback is not what is tested here.
        const shown = await signIn(Object.assign(new Browser(), { jar: lenient() }), `${site.origin}/me?x=1`);
        assert.deepEqual(shown.json, { sub: 'person-ada', url: '/me?x=1' }, String(shown));
      });
    }

    test('auth() twice is an error, with the words that people search for', async () => {
      const site = await open({}, { before(app) { app.use(auth(optionsOfNobody)); } });
      const answer = await site.browser.request(`${site.origin}/`);
      assert.equal(answer.status, 500);
      assert.equal(answer.json.message, 'req[appSession] is already set, did you run this middleware twice?');
    });

    test('a gate without auth() is an error', async () => {
      for (const gate of [requiresAuth(), claimEquals('a', 1), claimIncludes('a', 1), claimCheck(() => true), attemptSilentLogin()]) {
        const app = express();
        let told;
        app.use(gate, (error, req, res, next) => { void next; told = error; res.end(); });
        await run(app, '/');
        assert.equal(told.message, 'req.oidc is not found, did you include the auth middleware?');
      }
    });

    test('an error of the application’s hooks goes to its error handler', async () => {
      for (const hooks of [{ getLoginState: () => { throw new Error('no state today'); } }, { getLoginState: async () => 'a word' }]) {
        const site = await open(hooks);
        const refused = await site.browser.request(`${site.origin}/login`);
        assert.equal(refused.status, 500);
        assert.match(refused.json.message, /no state today|Custom state value must be an object/);
      }
      const site = await open({ afterCallback: async () => { throw Object.assign(new Error('not you'), { status: 403 }); } });
      assert.equal((await enter(site)).status, 403);
      assert.equal(await whoIs(site), null);
    });

    test('a store of express-session', async () => {
      const store = new session.MemoryStore();
      const site = await open({ session: { store } });
      assert.equal((await enter(site)).json.sub, 'person-ada');
      const [{ value }] = site.browser.jar.find(/^appSession$/);
      assert.match(value, /^[0-9a-f]{32}$/);
      const before = site.browser.jar.copy();
      await site.browser.request(`${site.origin}/logout`);
      assert.equal(await whoIs(site), null);
      assert.equal(await whoIs(site, Object.assign(new Browser(), { jar: before })), null);
    });

    test('a store that is down: 503 with its id, and nobody is sent to sign in', async () => {
      const store = Object.assign(new session.MemoryStore(), { down: false });
      const { get } = store;
      store.get = function getOrFail(id, callback) { return store.down ? callback(new Error('down')) : get.call(store, id, callback); };
      const site = await open({ session: { store } });
      await enter(site);
      store.down = true;
      const refused = await site.browser.request(`${site.origin}/me`);
      assert.deepEqual([refused.status, refused.json.id, refused.headers['retry-after']], [503, 'store_down', '5']);
      store.down = false;
      assert.equal(await whoIs(site), 'person-ada');
    });

    test('a session that has grown too long is a clear error and not a broken one', async () => {
      const site = await open({}, { places(app) {
        app.get('/', (req, res) => res.json({ sub: req.oidc.user?.sub ?? null }));
        app.get('/grow', (req, res) => { req.appSession.more = 'x'.repeat(8000); res.send('fine'); });
        app.get('/end', (req, res) => { req.appSession = null; res.json({ sub: req.oidc.user?.sub ?? null }); });
        app.get('/swap', (req) => { req.appSession = { id_token: 'a.b.c' }; });
      } });
      await enter(site, '/login');
      const refused = await site.browser.request(`${site.origin}/grow`);
      assert.deepEqual([refused.status, refused.json.id], [502, 'session_too_large']);
      assert.equal(await whoIs(site), 'person-ada');
      assert.equal((await site.browser.request(`${site.origin}/swap`)).json.message, 'session object cannot be reassigned');
      assert.equal((await site.browser.request(`${site.origin}/end`)).json.sub, null);
      assert.equal(await whoIs(site), null);
    });
  });
}

const optionsOfNobody = {
  issuerBaseURL: 'https://op.example', baseURL: 'http://127.0.0.1', clientID: 'x', clientSecret: 'unused', secret: 'a-secret-for-tests-of-thirty-two-bytes', authRequired: false,
};

/** A jar that keeps SameSite=None without Secure, as none does. */
function lenient() {
  const { jar } = new Browser();
  const { set } = jar;
  jar.set = (url, field) => set.call(jar, url, field.replace(/; SameSite=None/i, ''));
  return jar;
}

/** One request to an application that is not kept. */
async function run(app, path) {
  const server = app.listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  await new Browser().request(`http://127.0.0.1:${server.address().port}${path}`);
  await new Promise((done) => server.close(done));
}

describe('what the application is told and asked', () => {
  test('afterCallback sees the new session and may change it; getLoginState comes back', async () => {
    const seen = {};
    const site = await application(stage, practice, {
      getLoginState: (req, { returnTo, authorizationParams }) => { Object.assign(seen, { authorizationParams }); return { returnTo: `${returnTo}&more=1`, campaign: 'spring' }; },
      afterCallback: (req, res, session, state) => {
        Object.assign(seen, { sub: req.oidc.user.sub, authenticated: req.oidc.isAuthenticated(), state, openidState: req.openidState });
        return { ...session, role: 'pilot' };
      },
    });
    const { session: held } = (await enter(site, '/all?x=1')).json;
    assert.equal(held.role, 'pilot');
    const { authorizationParams, ...rest } = seen;
    assert.deepEqual(authorizationParams, { response_type: 'code', scope: 'openid profile email', redirect_uri: `${site.origin}/callback` });
    assert.deepEqual(rest, { sub: 'person-ada', authenticated: true, state: { returnTo: '/all?x=1&more=1', campaign: 'spring' }, openidState: { returnTo: '/all?x=1&more=1', campaign: 'spring' } });
  });

  test('afterCallback that answers nothing, or by itself', async () => {
    const nothing = await application(stage, practice, { afterCallback: () => {} });
    assert.match((await enter(nothing)).json.message, /"afterCallback" must answer the session/);
    const itself = await application(stage, practice, { afterCallback: (req, res, session) => { res.redirect('/?own=1'); return session; } });
    const shown = await enter(itself);
    assert.equal(shown.json.url, '/?own=1');
    assert.equal(await whoIs(itself), null);
  });

  test('afterCallback may say where to', async () => {
    const site = await application(stage, practice, { afterCallback: (req, res, session, state) => { state.returnTo = '/all?chosen'; return session; } });
    const shown = await enter(site);
    assert.deepEqual([shown.url.pathname, shown.json.user.sub], ['/all', 'person-ada']);
  });

  test('a long address to return to survives beside a state; a state that is too long is an error', async () => {
    const site = await application(stage, practice, {});
    const path = `/me?q=${'x'.repeat(1500)}`;
    assert.equal((await enter(site, path)).json.url, path);
    const long = await application(stage, practice, { getLoginState: () => ({ more: 'x'.repeat(2000) }) });
    assert.match((await long.browser.request(`${long.origin}/login`)).json.message, /too long: \d+ bytes, of 1024/);
  });

  test('an address to return to that no cookie can hold: baseURL, and a line that says so', async () => {
    for (const more of [{}, { getLoginState: (req, { returnTo }) => ({ returnTo, note: 'x'.repeat(400) }) }]) {
      const site = await application(stage, practice, (origin) => ({ baseURL: `${origin}/app`, ...more }), { mount: '/app', places(app) { app.use('/app', (req, res) => (req.oidc.isAuthenticated() ? res.json({ url: req.originalUrl }) : res.oidc.login())); } });
      const shown = await enter(site, `/app/me?q=${'x'.repeat(2400)}`);
      assert.equal(shown.json.url, '/app');
      assert.equal(site.log.filter((line) => /^warn the address to return to is too long/.test(line)).length, 1, site.log.join('\n'));
    }
  });

  test('session.genid sees who signs in', async () => {
    const seen = [];
    const site = await application(stage, practice, { session: { store: new session.MemoryStore(), genid: (req) => { seen.push(req.oidc.user?.sub ?? null); return `id-${seen.length}-${Math.random()}`; } } });
    await enter(site);
    assert.equal(await whoIs(site), 'person-ada');
    assert.deepEqual(seen, ['person-ada']);
  });

  test('userinfo, when it is asked for: of this person and of no other', async () => {
    const site = await application(stage, practice, {}, { places(app) { app.get('/info', requiresAuth(), async (req, res, next) => { try { res.json(await req.oidc.fetchUserInfo()); } catch (error) { next(error); } }); } });
    assert.equal((await enter(site, '/info')).json.email, 'ada@example.org');
    const liar = await application(stage, practice, { issuerBaseURL: practice.issuer('gw-userinfo-sub-prefix~asked') }, { places(app) { app.get('/info', requiresAuth(), async (req, res, next) => { try { res.json(await req.oidc.fetchUserInfo()); } catch (error) { next(error); } }); } });
    const refused = await enter(liar, '/info');
    assert.deepEqual([refused.status, refused.json.id], [401, 'userinfo_sub']);
  });

  test('userinfo at sign-in: its claims stand behind those of the ID Token, and gates see them', async () => {
    const site = await application(stage, practice, { userinfo: true, afterCallback: (req, res, session) => ({ ...session, userinfo: { ...session.userinfo, team: ['blue'], sub: 'person-mallory' } }) }, { places(app) {
      app.get('/', (req, res) => res.json({ sub: req.oidc.user?.sub ?? null, team: req.oidc.user?.team }));
      app.get('/blue', claimIncludes('team', 'blue'), (req, res) => res.json({ sub: req.oidc.user.sub, team: req.oidc.user.team }));
      app.get('/mallory', claimEquals('sub', 'person-mallory'), (req, res) => res.json('in'));
    } });
    assert.deepEqual((await enter(site, '/blue')).json, { sub: 'person-ada', team: ['blue'] });
    assert.equal((await site.browser.request(`${site.origin}/mallory`, xhr)).status, 401);
  });

  test('what is not there yet says so', async () => {
    const site = await application(stage, practice, {}, { places(app) {
      app.get('/', requiresAuth(), async (req, res) => {
        const words = await Promise.all([req.oidc.accessToken.refresh(), req.oidc.customTokenExchange(), res.oidc.backchannelLogout()].map((each) => each.catch((error) => `${error.status} ${error.message}`)));
        res.json(words);
      });
    } });
    for (const words of (await enter(site, '/')).json) assert.match(words, /^501 .* is not there yet in this package$/);
  });

  test('isExpired, and a session that outlives its access token', async () => {
    const site = await application(stage, practice, { afterCallback: (req, res, session) => ({ ...session, expires_at: 1 }) }, { places(app) {
      app.get('/', requiresAuth(), (req, res) => res.json([req.oidc.accessToken.isExpired(), req.oidc.accessToken.expires_in, req.oidc.isAuthenticated()]));
    } });
    assert.deepEqual((await enter(site, '/')).json, [true, 0, true]);
  });

  test('what is done to the claims is done to nobody else’s', async () => {
    const site = await application(stage, practice, {}, { places(app) {
      app.get('/', requiresAuth(), (req, res) => {
        req.oidc.user.groups.push('owners');
        req.oidc.idTokenClaims.sub = 'person-mallory';
        res.json([req.oidc.user.groups, req.oidc.user.sub]);
      });
      app.get('/owners', claimIncludes('groups', 'owners'), (req, res) => res.json('in'));
    } });
    for (const answer of [await enter(site, '/'), await site.browser.request(`${site.origin}/`)]) assert.deepEqual(answer.json, [['engineers', 'admins'], 'person-ada']);
    assert.equal((await site.browser.request(`${site.origin}/owners`, xhr)).status, 401);
  });

  test('what a visitor had in the session is there after the sign-in; another person finds nothing of the first', async () => {
    const site = await application(stage, practice, {}, { places(app) {
      app.get('/cart', (req, res) => { (req.appSession.cart ??= []).push(req.query.add); res.json(req.appSession.cart); });
      app.get('/', (req, res) => res.json({ sub: req.oidc.user?.sub ?? null, cart: req.appSession.cart ?? null }));
    } });
    await site.browser.request(`${site.origin}/cart?add=a`);
    assert.deepEqual((await enter(site, '/login')).json, { sub: 'person-ada', cart: ['a'] });
    assert.deepEqual((await site.browser.request(`${site.origin}/cart?add=b`)).json, ['a', 'b']);
    assert.deepEqual((await enter(site, '/login')).json, { sub: 'person-ada', cart: ['a', 'b'] }, 'the same person again');
    site.browser.jar.drop(/practice_sso/);
    assert.deepEqual((await enter(site, '/login', 'alan')).json, { sub: 'person-alan', cart: null });
  });
});

describe('silent sign-in', () => {
  test('one try; the page is shown to who is nobody, and nobody is asked again', async () => {
    const site = await application(stage, practice, { attemptSilentLogin: true });
    const shown = await site.browser.open(`${site.origin}/?x=1`);
    assert.deepEqual(shown.json, { sub: null, url: '/?x=1' });
    assert.equal(shown.history[0].location.searchParams.get('prompt'), 'none');
    assert.equal(site.browser.jar.find(/^skipSilentLogin$/).length, 1);
    assert.equal((await site.browser.request(`${site.origin}/`)).status, 200);
    await enter(site, '/login');
    assert.equal(site.browser.jar.find(/^skipSilentLogin$/).length, 0);
    await site.browser.request(`${site.origin}/logout`);
    assert.equal((await site.browser.request(`${site.origin}/`)).status, 200, 'a sign-out is not undone');
  });

  test('who is signed in at the provider is signed in here', async () => {
    const one = await application(stage, practice, {});
    await enter(one);
    const two = await application(stage, practice, { attemptSilentLogin: true, session: { name: 'second' } });
    const shown = await one.browser.open(`${two.origin}/`);
    assert.equal(shown.json.sub, 'person-ada');
  });

  test('for what is no page there is none', async () => {
    const site = await application(stage, practice, { attemptSilentLogin: true });
    assert.equal((await site.browser.request(`${site.origin}/`, xhr)).status, 200);
  });
});

describe('sign-out', () => {
  test('at the provider too, with idpLogout', async () => {
    const site = await application(stage, practice, { idpLogout: true, logoutParams: { ui_locales: 'de' } });
    await enter(site, '/all');
    const out = await site.browser.request(`${site.origin}/logout`);
    assert.equal(out.status, 302);
    assert.equal(out.location.pathname, '/f/ok/end_session');
    const said = Object.fromEntries(out.location.searchParams);
    assert.match(said.id_token_hint, /^eyJ/);
    assert.deepEqual([said.post_logout_redirect_uri, said.ui_locales, said.client_id], [site.origin, 'de', 'practice']);
    assert.equal(await whoIs(site), null);
    const again = await site.browser.request(`${site.origin}/logout`);
    assert.equal(again.location.searchParams.has('id_token_hint'), false, 'nobody has no ID Token');
  });

  test('Auth0’s way', async () => {
    const site = await application(stage, practice, { auth0Logout: true, routes: { postLogoutRedirect: '/bye' }, logoutParams: { federated: '' } });
    await enter(site);
    const out = await site.browser.request(`${site.origin}/logout`);
    assert.equal(out.headers.location, `${practice.origin}/v2/logout?returnTo=${encodeURIComponent(`${site.origin}/bye`)}&client_id=practice&federated=`);
  });
});
