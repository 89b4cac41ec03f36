import { expect, test } from "vitest";
import { code, parseUri } from "portcullis";
import { drawQr } from "portcullis/qr";

test("the code of RFC 6238 appendix B", () => {
  const account = parseUri("otpauth://totp/Test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8");
  expect(code(account, 59_000).text).toBe("94287082");
  expect(drawQr("portcullis")).toMatch(/^<svg/);
});
