import { code, parseUri } from "portcullis";
import { ClientCode, LiveCode } from "./client.js";

export const dynamic = "force-dynamic";

export default function Page() {
  const account = parseUri("otpauth://totp/Test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8");
  return (
    <main>
      <p id="server">{code(account, 59_000).text}</p>
      <ClientCode account={account} />
      <LiveCode account={account} />
    </main>
  );
}
