// A Django dashboard behind what worker/docs/behind-django.md says. tests/parts/python/sites/dashboard.py says what it does.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { root } from "../setup.mjs";
import { guide } from "./guide.mjs";
import { startSite } from "./python_site.mjs";

/**
 * @param {object} options
 * @param {string} options.publicUrl what people type: the issuer of assertions
 * @param {string} options.app       their audience
 */
export async function start({ publicUrl, app }) {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-dashboard-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const files = guide("django", { "https://app.example.org": publicUrl, "app.example.org": new URL(publicUrl).hostname, '"dashboard"': JSON.stringify(app) });
    for (const name of ["gate_backend.py", "gate_settings.py", "wsgi.py"]) writeFileSync(join(folder, name), files[name]);
    const site = await startSite("dashboard", ["--guide", folder, "--verifiers", join(root, "worker", "verifiers")]);
    return {
      ...site,
      async [Symbol.asyncDispose]() {
        await site[Symbol.asyncDispose]();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
