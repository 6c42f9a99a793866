// SPDX-License-Identifier: Apache-2.0
// Microservice 2: what is known of whoever asks. It believes nobody: it checks the same token itself.
import express from 'express';
import { bearer } from 'gatewright';

const app = express();
app.use(bearer({ issuer: process.env.ISSUER, audience: process.env.AUDIENCE }));

app.get('/profiles/me', (req, res) => {
  res.json({ sub: req.auth.payload.sub, greeting: `You are known here as ${req.auth.payload.sub}.` });
});
app.get('/profiles/stock', (req, res) => { res.json({ 'Punched cards': 12000, 'Moth trap': 7 }); });

app.listen(process.env.PORT, '127.0.0.1');
