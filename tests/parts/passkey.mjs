// A passkey in software (ES256), which answers the options of a page as a browser does.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

const text = (bytes) => Buffer.from(bytes).toString("base64url");
const PRESENT = 1;
const VERIFIED = 4;
const ATTESTED = 0x40;

/** A passkey for pages of this origin. Each use counts its counter up. */
export function passkey(origin) {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y } = publicKey.export({ format: "jwk" });
  const id = randomBytes(16);
  let count = 0;
  const clientData = (type, challenge) => Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const data = (rpId, flags) => {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE((count += 1));
    return Buffer.concat([createHash("sha256").update(rpId).digest(), Buffer.from([flags]), counter]);
  };
  const answer = (response) => JSON.stringify({ id: text(id), rawId: text(id), type: "public-key", response });
  return {
    /** `navigator.credentials.create` */
    create(options) {
      const { challenge, rp } = JSON.parse(options);
      const cose = Buffer.concat([Buffer.from([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32]), Buffer.from(x, "base64url"), Buffer.from([0x22, 0x58, 32]), Buffer.from(y, "base64url")]);
      const authData = Buffer.concat([data(rp.id, PRESENT | VERIFIED | ATTESTED), Buffer.alloc(16), Buffer.from([0, id.length]), id, cose]);
      const named = (name) => Buffer.concat([Buffer.from([0x60 + name.length]), Buffer.from(name)]);
      const object = Buffer.concat([Buffer.from([0xa3]), named("fmt"), named("none"), named("attStmt"), Buffer.from([0xa0]), named("authData"), Buffer.from([0x58, authData.length]), authData]);
      return answer({ clientDataJSON: text(clientData("webauthn.create", challenge)), attestationObject: text(object) });
    },
    /** `navigator.credentials.get` */
    get(options) {
      const { challenge, rpId } = JSON.parse(options);
      const json = clientData("webauthn.get", challenge);
      const authData = data(rpId, PRESENT | VERIFIED);
      const signature = sign("sha256", Buffer.concat([authData, createHash("sha256").update(json).digest()]), privateKey);
      return answer({ clientDataJSON: text(json), authenticatorData: text(authData), signature: text(signature) });
    },
  };
}
