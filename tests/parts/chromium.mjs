// The machine's Chromium, driven by playwright-core. A test file starts one, and each test opens its own context.
//   await using chromium = await launch();                    a browser; nothing outside this machine can be reached
//   const context = await chromium.context();                 a new context without cookies and storage
//   await using chromium = await launch({ camera: true });    with a fake camera that shows the last picture given to `chromium.show(png)`
//   await using chromium = await launch({ persistent: true }) one context with a real profile: installing a page needs it
//   await pictured(context, "name", async () => { … })        when it fails: screenshots of all pages in target/shots, and their addresses
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromiumPath, need, root } from "../setup.mjs";
import { writeCamera } from "./chromium/camera.mjs";

// Chromium's sandbox does not work for root in a container. The other flags keep Chromium from reaching anything outside the machine.
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1",
];

/**
 * @param {object} [options]
 * @param {boolean} [options.camera] a fake camera, with the permission to use it; call `show(png)` before the page opens the camera
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
    /** A new context; with `persistent`, always the same one. */
    context: async (more = {}) => only ?? (await browser.newContext({ ...settings, ...more })),
    /** Makes the camera show a PNG on white, slightly turned and moving, as if held in a hand. */
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
  // Without a picture the camera shows black. Without this file Chromium would report an error.
  if (camera) await part.show(undefined);
  return part;
}

const shots = join(root, "target", "shots");

/** Saves a screenshot of a page in target/shots and returns its path. */
export async function shot(page, name) {
  await mkdir(shots, { recursive: true });
  const path = join(shots, `${name.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase()}.png`);
  await page.screenshot({ path });
  return path;
}

/** The address of a page without its query and fragment, which may hold secrets. */
const place = (page) => page.url().replace(/[?#].*$/s, "?…");

/** Runs part of a test. When it fails, saves a screenshot of every page of the context, and prints the address of each. */
export async function pictured(context, name, work) {
  try {
    return await work();
  } catch (error) {
    for (const [index, page] of context.pages().entries()) {
      const path = await shot(page, `${name}-${index}`).catch((reason) => `no picture: ${reason.message}`);
      console.error(`page ${index} was at ${place(page)}: ${path}`);
    }
    throw error;
  }
}
