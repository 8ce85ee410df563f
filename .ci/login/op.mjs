// A foreign OpenID Connect provider (npm oidc-provider) with one client and one person, on loopback: op.mjs PORT REDIRECT AFTER
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(`${process.env.NODE_PATH}/`);
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')).href);
const [port, redirect, after] = process.argv.slice(2);

const claims = {
  cvr: '55133018',
  name: 'Kim Kontor',
  loa: 'https://data.gov.dk/concept/core/nsis/Substantial',
  privileges: [{
    scope: 'urn:dk:gov:saml:cvrNumberIdentifier:55133018',
    privileges: ['urn:dtr:aftaler', 'urn:andet'],
  }],
};

const provider = new Provider(`http://localhost:${port}`, {
  clients: [{
    client_id: 'dtr',
    client_secret: 'hemmelig+/&',
    redirect_uris: [redirect],
    post_logout_redirect_uris: [after],
    token_endpoint_auth_method: 'client_secret_basic',
  }],
  claims: { openid: ['sub'], profile: Object.keys(claims) },
  // Claims stand in the ID token too, as brokers have them.
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...claims }) }),
  cookies: { keys: ['et', 'to'] },
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
