// SPDX-License-Identifier: Apache-2.0
// A page that needs a sign-in, and a socket that ends with it. Wants ISSUER_BASE_URL, BASE_URL, CLIENT_ID, CLIENT_SECRET and SECRET.
import { createServer } from 'node:http';
import express from 'express';
import { auth, socketAuth } from 'gatewright';
import { Server } from 'socket.io';

const gate = auth({ idpLogout: true });
const app = express();
app.use(gate); // from here on, everything needs a sign-in; /login, /callback and /logout are there by themselves
app.get('/who', (req, res) => { res.json({ name: req.oidc.user.name, email: req.oidc.user.email }); });
app.use(express.static(`${import.meta.dirname}/public`));

const server = createServer(app);
const io = new Server(server);
io.use(socketAuth(gate).socketio);
io.on('connection', (socket) => {
  socket.emit('hello', socket.user.name);
  socket.on('something', () => socket.emit('reply', 'to something'));
});
server.listen(new URL(process.env.BASE_URL).port);
