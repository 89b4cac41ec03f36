// A small OpenID provider (OpenID Connect Core 1.0, code flow) that signs everybody in as one person, for benchmarks only.
import { createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const base64url = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/**
 * @param {object} options
 * @param {Record<string, unknown>} options.claims of the person, with `sub`
 */
export async function start({ claims }) {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "bench", use: "sig", alg: "RS256" };
  const nonces = new Map(); // code -> nonce
  let url;
  const token = (nonce) => {
    const now = Math.floor(Date.now() / 1000);
    const text = `${base64url({ alg: "RS256", kid: jwk.kid })}.${base64url({ iss: url, aud: "bench", iat: now, exp: now + 3600, nonce, ...claims })}`;
    return `${text}.${createSign("RSA-SHA256").update(text).sign(privateKey, "base64url")}`;
  };
  const server = createServer(async (incoming, response) => {
    const { pathname, searchParams } = new URL(incoming.url, url);
    const json = (value) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (pathname === "/.well-known/openid-configuration") {
      return json({
        issuer: url, authorization_endpoint: `${url}/authorize`, token_endpoint: `${url}/token`, jwks_uri: `${url}/jwks`,
        response_types_supported: ["code"], subject_types_supported: ["public"], id_token_signing_alg_values_supported: ["RS256"],
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
      });
    }
    if (pathname === "/jwks") return json({ keys: [jwk] });
    if (pathname === "/authorize") {
      const code = randomBytes(16).toString("hex");
      nonces.set(code, searchParams.get("nonce"));
      const back = new URL(searchParams.get("redirect_uri"));
      back.searchParams.set("code", code);
      back.searchParams.set("state", searchParams.get("state"));
      return response.writeHead(302, { location: back.href }).end();
    }
    const form = new URLSearchParams(Buffer.concat(await incoming.toArray()).toString());
    const nonce = nonces.get(form.get("code"));
    return json({ access_token: "bench", token_type: "Bearer", expires_in: 3600, id_token: token(nonce) });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
