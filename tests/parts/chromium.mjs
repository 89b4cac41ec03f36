// A Chromium of the machine's, driven by playwright-core. One a test file, one context a test.
//   await using chromium = await launch();                    a browser; nothing outside this machine can be reached
//   const context = await chromium.context();                 a fresh person: no cookies, no storage
//   await using chromium = await launch({ camera: true });    with a camera that shows what `chromium.show(png)` was last given
//   await using chromium = await launch({ persistent: true }) one context with a real profile: installing a page needs it
//   await pictured(context, "name", async () => { … })        on failure: pictures of every page in target/shots, and where it stood
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromiumPath, need, root } from "../setup.mjs";
import { writeCamera } from "./chromium/camera.mjs";

// Tests run as root in containers, where Chromium's sandbox cannot; and they must not depend on, or disturb, the world.
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];

/**
 * @param {object} [options]
 * @param {boolean} [options.camera] a fake camera, and leave to use it; show it a picture with `show(png)` before the page opens it
 * @param {string[]} [options.permissions] granted to every context, in Playwright's words
 * @param {boolean} [options.persistent] one context with a profile on disk instead of many in memory
 * @param {object} [options.context] Playwright's context options for every context, such as viewport or colorScheme
 * @param {string[]} [options.args] more flags
 */
export async function launch({ camera = false, permissions = [], persistent = false, context: defaults = {}, args = [] } = {}) {
  await need("tests", "chromium");
  const { chromium } = await import("playwright-core");
  const folder = await mkdtemp(join(tmpdir(), "portcullis-chromium-"));
  const cameraFile = join(folder, "camera.y4m");
  const allowed = camera ? [...permissions, "camera"] : permissions;
  const cameraFlags = camera ? ["--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${cameraFile}`] : [];
  const options = { executablePath: chromiumPath(), headless: !process.env.HEADED, args: [...flags, ...cameraFlags, ...args] };
  const settings = { locale: "en-GB", ...defaults, permissions: [...(defaults.permissions ?? []), ...allowed] };
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });

  let browser;
  let only;
  try {
    if (persistent) only = await chromium.launchPersistentContext(join(folder, "profile"), { ...options, ...settings });
    else browser = await chromium.launch(options);
  } catch (error) {
    await remove();
    throw error;
  }
  const part = {
    browser: browser ?? only.browser(),
    /** A context of its own; with `persistent`, always the same one. */
    context: async (more = {}) => only ?? (await browser.newContext({ ...settings, ...more })),
    /** Puts a PNG before the camera, on white, a little turned and moving, as a hand holds it. */
    async show(png, look = {}) {
      const page = await (only ?? browser).newPage();
      try {
        await writeCamera(page, png, cameraFile, look);
      } finally {
        await page.close();
      }
    },
    async [Symbol.asyncDispose]() {
      await (only ?? browser).close();
      await remove();
    },
  };
  // A camera without a picture is a black wall, not an error.
  if (camera) await part.show(undefined);
  return part;
}

const shots = join(root, "target", "shots");

/** Saves a picture of a page in target/shots and says where. */
export async function shot(page, name) {
  await mkdir(shots, { recursive: true });
  const path = join(shots, `${name.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase()}.png`);
  await page.screenshot({ path });
  return path;
}

/** The address of a page without what may be secret in it. */
const place = (page) => page.url().replace(/[?#].*$/s, "?…");

/** Runs part of a test; when it fails, saves a picture of every page of the context, and says where each page stood. */
export async function pictured(context, name, work) {
  try {
    return await work();
  } catch (error) {
    for (const [index, page] of context.pages().entries()) {
      const path = await shot(page, `${name}-${index}`).catch((reason) => `no picture: ${reason.message}`);
      console.error(`page ${index} stood at ${place(page)}: ${path}`);
    }
    throw error;
  }
}
