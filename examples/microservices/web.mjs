// SPDX-License-Identifier: Apache-2.0
// The web page. People sign in here; what they see comes from two services, which are asked with the person's access token.
import express from 'express';
import { auth, requiresAuth } from 'gatewright';

const app = express();
app.use(auth({
  authRequired: false,
  idpLogout: true,
  authorizationParams: { scope: 'openid profile email', resource: process.env.AUDIENCE },
}));

/** Asks a service behind the gateway, as the person who is signed in. */
async function ask(req, path) {
  const { access_token: token } = req.oidc.accessToken;
  const answer = await fetch(process.env.GATEWAY_URL + path, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw Object.assign(new Error(`${path}: ${answer.status}`), { status: 502 });
  return answer.json();
}

const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

function page(name, orders, greeting) {
  const rows = orders.map((each) => `<tr><td>${escape(each.item)}</td><td>${escape(each.count)}</td><td>${escape(each.left)} left</td></tr>`).join('');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Orders of ${escape(name)}</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 36rem; margin: 4rem auto; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; } td { padding: .4rem .6rem; border-bottom: 1px solid #8886; }
</style>
<h1>Orders of ${escape(name)}</h1><p>${escape(greeting)}</p><table>${rows}</table><p><a href="/logout">Sign out</a></p></html>`;
}

app.get('/', requiresAuth(), async (req, res) => {
  const [orders, profile] = await Promise.all([ask(req, '/orders/'), ask(req, '/profiles/me')]);
  res.type('html').send(page(req.oidc.user.name, orders, profile.greeting));
});

app.listen(new URL(process.env.BASE_URL).port, '127.0.0.1');
