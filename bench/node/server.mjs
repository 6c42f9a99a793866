// SPDX-License-Identifier: Apache-2.0
// server CASE PORT ISSUER: one case of the benchmark, an Express application of one page.
import express from 'express';
import { cases } from './cases.mjs';

const [name, port, issuer] = process.argv.slice(2);
const app = express();
app.disable('x-powered-by');
for (const middleware of await cases[name].gate({ issuer, origin: `http://127.0.0.1:${port}` })) app.use(middleware);
app.get('/page', (req, res) => { res.send('the page'); });
app.listen(Number(port), '127.0.0.1', () => console.log('ready'));
