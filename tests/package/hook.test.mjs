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

test("useCode draws the same the first time, whatever the clock says: a server's page hydrates cleanly", async () => {
  const app = await consumer("hook");
  const hook = await readFile(app.file("node_modules/portcullis/examples/useCode.js"), "utf8");
  // The least of a React: it draws once, as a server does, and then runs the effects, as a page does.
  await consumer("hook", {
    "react.js": `export let state; export const effects = [];
      export const useState = (first) => [(state ??= { value: typeof first === "function" ? first() : first }).value, (value) => (state.value = value)];
      export const useEffect = (effect) => effects.push(effect);`,
    "first.mjs": `import { effects } from "./react.js"; import { useCode } from "./useCodeOnce.js";
      const account = { secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" };
      let asked = 0;
      const draw = () => useCode(account, () => (asked++, 59_000));
      const first = draw(), looks = asked;
      effects.at(-1)();
      console.log(JSON.stringify([first, looks, draw()]));`,
    "useCodeOnce.js": hook.replace('"react"', '"./react.js"'),
  });
  assert.deepEqual(JSON.parse(await app.run(process.execPath, ["first.mjs"])), [{ text: "" }, 0, { text: "287082", secondsLeft: 1 }]);
});
