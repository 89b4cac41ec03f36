// Opens a consumer's page in Chromium.

/**
 * Opens a page in a new context and returns the value that its script assigns to `globalThis.result`. Throws an error of the page.
 *
 * @param {Awaited<ReturnType<typeof import("../parts/chromium.mjs").launch>>} chromium
 * @param {string} url
 * @param {{ script?: string }} [options] a script that runs before those of the page
 */
export async function resultOf(chromium, url, { script } = {}) {
  const context = await chromium.context();
  try {
    if (script) await context.addInitScript(script);
    const page = await context.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(error));
    await page.goto(url);
    const found = await page.waitForFunction(() => globalThis.result, undefined, { timeout: 30_000 }).catch((error) => {
      throw errors[0] ?? error;
    });
    return await found.jsonValue();
  } finally {
    await context.close();
  }
}
