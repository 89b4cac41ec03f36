// A servlet app on Tomcat 11, behind what worker/docs/behind-java.md says. tests/parts/java/App.java says what it does.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { root } from "../setup.mjs";
import { guide } from "./guide.mjs";
import { compile, jars } from "./java/install.mjs";
import { spawnPart } from "./process.mjs";

export { missing } from "./java/install.mjs";

/**
 * @param {object} options
 * @param {string} options.publicUrl what people type: the issuer of assertions
 * @param {string} options.app       their audience
 */
export async function start({ publicUrl, app }) {
  const state = mkdtempSync(join(tmpdir(), "portcullis-java-"));
  const remove = () => rmSync(state, { recursive: true, force: true });
  try {
    const files = guide("java", { "https://app.example.org": publicUrl, "app.example.org": app, 'httpServerPort="80"': `httpServerPort="${new URL(publicUrl).port}"` });
    const [inf, meta, base] = ["app/WEB-INF", "app/META-INF", "base/webapps"].map((name) => join(state, name));
    for (const folder of [inf, meta, base]) mkdirSync(folder, { recursive: true });
    writeFileSync(join(inf, "web.xml"), files["web.xml"]);
    writeFileSync(join(meta, "context.xml"), files["context.xml"]);
    const here = join(root, "tests", "parts", "java");
    await compile([join(here, "App.java"), join(root, "worker", "verifiers", "PortcullisAssertion.java")], join(inf, "classes"));
    await compile([join(here, "Main.java")], join(state, "main"));
    const part = await spawnPart({
      name: "the servlet app",
      command: "java",
      args: ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", `${join(state, "main")}:${join(jars(), "*")}`, "Main", state],
      ready: (lines) => lines.map((line) => /^ready (http:\S+)$/.exec(line)?.[1]).find(Boolean),
    });
    return {
      url: part.found,
      logs: part.logs,
      async [Symbol.asyncDispose]() {
        await part.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
