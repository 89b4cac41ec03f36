// The hook of the package's examples, in Preact, as its comment says.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { launch } from "../parts/chromium.mjs";
import { shared } from "../parts/together.mjs";
import { root } from "../setup.mjs";
import { consumer } from "./consumer.mjs";
import { serve } from "./serve.mjs";

let chromium;
shared(async (stack) => (chromium = stack.use(await launch())));

test("useCode shows the code and changes it when its time is up", async () => {
  const app = await consumer("hook", {
    "index.html": `<!doctype html><title>hook</title><div id="app"></div><script type="module" src="main.js"></script>`,
    "main.jsx": `import { render } from "preact";
      import { useCode } from "./useCode.js";
      const began = performance.now();
      const clock = () => 58_400 + performance.now() - began;
      function Row() {
        const { text, secondsLeft } = useCode({ secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" }, clock);
        return <output data-left={secondsLeft}>{text}</output>;
      }
      render(<Row />, document.getElementById("app"));`,
  });
  const hook = await readFile(app.file("node_modules/portcullis/examples/useCode.js"), "utf8");
  await consumer("hook", { "useCode.js": hook });
  await app.run("esbuild", ["main.jsx", "--bundle", "--jsx=automatic", "--jsx-import-source=preact", `--alias:react=${root}/node_modules/preact/hooks`, `--alias:preact=${root}/node_modules/preact`, "--format=esm", "--outfile=main.js", "--log-level=error"]);
  await using site = await serve(app.folder);
  const context = await chromium.context();
  const page = await context.newPage();
  await page.goto(site.url);
  const output = page.locator("output");
  await output.filter({ hasText: "287082" }).waitFor();
  assert.match(await output.getAttribute("data-left"), /^[12]$/);
  // RFC 4226 appendix D, count 2: the step that begins at 60 s.
  await output.filter({ hasText: "359152" }).waitFor({ timeout: 20_000 });
  await context.close();
});
