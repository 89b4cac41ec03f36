import { NextResponse } from "next/server";
import { code, parseUri } from "portcullis";

// Runs in the edge runtime, where compiling WebAssembly from bytes is refused.
export function middleware() {
  const account = parseUri("otpauth://totp/Test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8");
  const response = NextResponse.next();
  response.headers.set("x-code", code(account, 59_000).text);
  return response;
}
