// SPDX-License-Identifier: Apache-2.0
// Microservice 1: the orders of whoever asks. It asks the second service in turn, as the same person.
import express from 'express';
import { bearer } from 'gatewright';

const ORDERS = { 'person-ada': [{ item: 'Punched cards', count: 400 }], 'person-grace': [{ item: 'Moth trap', count: 1 }] };

const app = express();
app.use(bearer({ issuer: process.env.ISSUER, audience: process.env.AUDIENCE, forwardTo: [process.env.PROFILES_URL] }));

app.get('/orders/', async (req, res) => {
  const stock = await req.auth.fetch(`${process.env.PROFILES_URL}/profiles/stock`);
  const left = stock.ok ? await stock.json() : {};
  res.json((ORDERS[req.auth.payload.sub] ?? []).map((each) => ({ ...each, left: left[each.item] ?? 'none' })));
});

app.listen(process.env.PORT, '127.0.0.1');
