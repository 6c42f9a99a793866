// SPDX-License-Identifier: Apache-2.0
// The userinfo endpoint, asked with the session's access token (OIDC Core 5.3).
import { Refusal } from '../errors.js';


/**
 * @param {any} client
 * @param {string | undefined} accessToken
 * @param {any} sub  of the ID Token
 */
export async function fetchUserInfo(client, accessToken, sub) {
  if (!accessToken) throw new Error('Access token is required to fetch user info but none was found in the session.');
  const metadata = await client.metadata();
  if (typeof metadata.userinfo_endpoint !== 'string') throw new Refusal('userinfo_down');
  const headers = { Authorization: `Bearer ${accessToken}`, Accept: 'application/json' };
  const answer = await client.fetch(metadata.userinfo_endpoint, { headers }).catch(() => {
    throw new Refusal('userinfo_down');
  });
  return checkUserInfo(answer, sub);
}

/**
 * @param {{status: number, headers: Record<string, string>, body: Buffer}} answer
 * @param {any} sub
 */
function checkUserInfo({ status, headers, body }, sub) {
  if (status === 401) throw Object.assign(new Refusal('userinfo_malformed', { status: 401 }), { message: 'the userinfo endpoint does not take the access token: it may have expired' });
  if (status !== 200 || !/^application\/json\b/i.test(headers['content-type'] ?? '')) throw new Refusal('userinfo_malformed');
  let claims;
  try {
    claims = JSON.parse(body.toString('utf8'));
  } catch {
    throw new Refusal('userinfo_malformed');
  }
  if (claims === null || typeof claims !== 'object' || Array.isArray(claims)) throw new Refusal('userinfo_malformed');
  // OIDC Core 5.3.2: without this, one person's token could show another's name.
  if (typeof sub !== 'string' || claims.sub !== sub) throw new Refusal('userinfo_sub');
  return claims;
}
