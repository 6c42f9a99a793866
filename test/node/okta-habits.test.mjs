// SPDX-License-Identifier: Apache-2.0
// ExpressOIDC where applications of @okta/oidc-middleware would stumble: handlers and failureRedirect of the callback, paths as people
// write them, functions taken apart from the object, tokens of every kind.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Browser } from '../support/browser.mjs';
import { Practice, signIn } from '../support/practice.mjs';
import { openStage } from '../support/stage.mjs';
import { applications } from './okta-stage.mjs';

const stage = openStage('okta-habits');
const practice = stage.add(await Practice.start());
const { open } = applications(practice);

describe('as @okta/oidc-middleware has it', () => {
  test('a stranger at a protected page leaves nothing in the store', async () => {
    const app = await open();
    for (let i = 0; i < 3; i++) assert.equal((await new Browser().request(`${app.origin}/protected`)).status, 302);
    assert.equal(app.store.rows.size, 0);
    const noted = await open({ more: { routes: { login: { viewHandler: (req, res) => res.json({ to: req.session.returnTo }) } } } });
    assert.equal((await new Browser().open(`${noted.origin}/protected`)).json.to, '/protected');
  });

  test('failureRedirect', async () => {
    const app = await open({ more: { routes: { loginCallback: { failureRedirect: '/sorry' } } } });
    const browser = new Browser();
    const begun = await browser.request(`${app.origin}/login`);
    const back = `${app.origin}/authorization-code/callback?error=access_denied&iss=${encodeURIComponent(practice.issuer('ok'))}&state=${begun.location.searchParams.get('state')}`;
    assert.equal((await browser.request(back)).headers.location, '/sorry');
  });

  test('failureRedirect is for who is refused: an answer to nothing, and a provider that fails, are errors', async () => {
    const app = await open({ more: { routes: { loginCallback: { failureRedirect: '/sorry' } } } });
    assert.equal((await new Browser().request(`${app.origin}/authorization-code/callback?code=x&state=y`)).status, 400);
    const browser = new Browser();
    const begun = await browser.request(`${app.origin}/login`);
    const back = `${app.origin}/authorization-code/callback?error=server_error&iss=${encodeURIComponent(practice.issuer('ok'))}&state=${begun.location.searchParams.get('state')}`;
    assert.equal((await browser.request(back)).status, 502);
  });

  test('paths in any case, with or without a slash at the end', async () => {
    const app = await open();
    for (const path of ['/login/', '/LOGIN']) assert.equal((await new Browser().request(app.origin + path)).status, 302, path);
    const browser = new Browser();
    await signIn(browser, `${app.origin}/protected`);
    const left = await browser.request(`${app.origin}/Logout/`, { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } });
    assert.equal(left.location.pathname, '/f/ok/end_session');
  });

  test('its functions work apart from it', async () => {
    const app = await open({ set(it, { ensureAuthenticated, forceLogoutAndRevoke }) {
      it.get('/apart', ensureAuthenticated(), (req, res) => res.json({ sub: req.userContext.userinfo.sub }));
      it.get('/leave', forceLogoutAndRevoke());
    } });
    const browser = new Browser();
    assert.equal((await signIn(browser, `${app.origin}/apart`)).json.sub, 'person-ada');
    assert.equal((await browser.request(`${app.origin}/leave`)).location.pathname, '/f/ok/end_session');
  });

  test('what else the token endpoint said is among the tokens, and takes the place of nothing', async () => {
    const more = '"session_state":"abc","claims":"none","expired":true,"__proto__":{"polluted":true}';
    const customFetch = async (url, init) => {
      const answer = await fetch(url, init);
      if (!new URL(url).pathname.endsWith('/token')) return answer;
      return new Response((await answer.text()).replace(/\}\s*$/, `,${more}}`), { status: answer.status, headers: { 'content-type': 'application/json' } });
    };
    const app = await open({ more: { customFetch }, set(it) { it.get('/tokens', (req, res) => { const { tokens } = req.userContext; res.json([tokens.session_state, tokens.polluted ?? null, tokens.claims().sub, tokens.expired()]); }); } });
    const browser = new Browser();
    await signIn(browser, `${app.origin}/protected`);
    assert.deepEqual((await browser.request(`${app.origin}/tokens`)).json, ['abc', null, 'person-ada', false]);
  });

  test('other paths, afterCallback', async () => {
    const app = await open({ more: { routes: { login: { path: '/in' }, loginCallback: { path: '/in/back', afterCallback: '/' } } } });
    const browser = new Browser();
    const shown = await signIn(browser, `${app.origin}/protected`);
    assert.equal(shown.url.pathname, '/');
    assert.equal(shown.json.authenticated, true);
  });

  test('a handler of three arguments sees who signed in', async () => {
    const seen = [];
    const app = await open({ more: { routes: { loginCallback: { handler: async (req, res, next) => { seen.push(req.userContext.userinfo.sub); next(); } } } } });
    const shown = await signIn(new Browser(), `${app.origin}/protected`);
    assert.equal(shown.url.pathname, '/protected');
    assert.deepEqual(seen, ['person-ada']);
  });

  test('a handler may say where to: an address of ours', async () => {
    for (const [wish, path] of [['/chosen?a=1', '/chosen'], ['https://evil.example/', '/'], [undefined, '/protected']]) {
      const app = await open({ more: { routes: { loginCallback: { handler: (req, res, next) => { if (wish) req.session.returnTo = wish; next(); } } } }, set(it) { it.get('/chosen', (req, res) => res.json({ left: req.session.returnTo ?? null })); } });
      const shown = await signIn(new Browser(), `${app.origin}/protected`);
      assert.equal(shown.url.origin + shown.url.pathname, app.origin + path);
      if (path === '/chosen') assert.equal(shown.json.left, null);
    }
  });

  test('a handler of four sees what went wrong', async () => {
    const app = await open({ more: { routes: { loginCallback: { handler: (error, req, res, next) => (error ? res.status(418).json({ id: error.id }) : next()) } } } });
    const answer = await new Browser().request(`${app.origin}/authorization-code/callback?code=x&state=y`);
    assert.deepEqual([answer.status, answer.json.id], [418, 'attempt_unknown']);
  });

  test('where the provider answered with an error, its words are in it', async () => {
    const app = await open({ more: { routes: { loginCallback: { handler: (error, req, res, next) => (error ? res.json([error.error, error.error_description]) : next()) } } } });
    const browser = new Browser();
    const begun = await browser.request(`${app.origin}/login`);
    const words = new URLSearchParams({ error: 'access_denied', error_description: 'not today', iss: practice.issuer('ok'), state: begun.location.searchParams.get('state') });
    assert.deepEqual((await browser.request(`${app.origin}/authorization-code/callback?${words}`)).json, ['access_denied', 'not today']);
  });

  test('a handler that throws is an error, not the end', async () => {
    const app = await open({ more: { routes: { loginCallback: { handler: async (req, res, next) => { throw new Error(`no ${typeof next}`); } } } } });
    assert.equal((await signIn(new Browser(), `${app.origin}/protected`)).status, 500);
  });
});
