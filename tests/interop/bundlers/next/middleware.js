import { NextResponse } from "next/server";
import { code, makeSecret, parseUri } from "portcullis";
import { readBackup, writeBackup } from "portcullis/backup";
import { readAnswer } from "portcullis/cas";
import { kdfParams } from "portcullis/kdf";
import { readMigration, writeMigration } from "portcullis/migration";
import { readQr } from "portcullis/qr";
import { drawQr } from "portcullis/qr-draw";
import { createVault, makeDeviceKey, unlock } from "portcullis/vault";

const account = parseUri("otpauth://totp/Test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8");
const ANSWER = `<c:serviceResponse xmlns:c="http://www.yale.edu/tp/cas"><c:authenticationSuccess><c:user>ann</c:user></c:authenticationSuccess></c:serviceResponse>`;

/** One call of each entry that reaches its core, and takes bytes and objects that this runtime has made. */
const CALLS = {
  portcullis: () => makeSecret().length === 32,
  "portcullis/migration": () => readMigration(writeMigration([account]).parts).accounts.length === 1,
  "portcullis/backup": () => readBackup(writeBackup("aegis", [{ account }]).parts[0]).entries.length === 1,
  "portcullis/qr": () => readQr({ data: new Uint8ClampedArray(64), width: 4, height: 4 }).length === 0,
  "portcullis/qr-draw": () => drawQr("x").startsWith("<svg "),
  "portcullis/cas": () => readAnswer(200, new TextEncoder().encode(ANSWER), { ticket: "ST-1-a" }).user === "ann",
  "portcullis/vault": () => {
    const key = makeDeviceKey();
    const vault = createVault([{ kind: "device", key }], 0);
    return unlock(vault.seal(), vault.slots()[0].id, key).entries().length === 0;
  },
  "portcullis/kdf": () => kdfParams(65536, 3).passes === 3,
};

// Runs in the edge runtime, where compiling WebAssembly from bytes is refused, and where the compiled module is of another realm.
export function middleware() {
  const response = NextResponse.next();
  response.headers.set("x-code", code(account, 59_000).text);
  for (const [entry, call] of Object.entries(CALLS)) {
    let said;
    try {
      said = call() ? "works" : "wrong";
    } catch (error) {
      said = String(error).replace(/\s+/g, " ").slice(0, 200);
    }
    response.headers.append("x-entries", `${entry} ${said}`);
  }
  return response;
}
