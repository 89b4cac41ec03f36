import { code, parseUri } from "portcullis";
import { drawQr } from "portcullis/qr";

const account = parseUri("otpauth://totp/Test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8");
document.body.textContent = `${code(account, 59_000).text} ${drawQr("portcullis").startsWith("<svg")}`;
