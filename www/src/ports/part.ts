/**
 * Loads a part of the app that comes later. `missing` is called when the network did not bring all of it.
 *
 * `import(…).then(…)` will not do: the bundler loads what that part needs outside of the whole chain, so its failure would
 * reach nobody.
 */
export function loadPart<Part, Result>(load: () => Promise<Part>, here: (part: Part) => Result, missing: () => Result): Promise<Awaited<Result>> {
  return load().then(here, missing) as Promise<Awaited<Result>>;
}

/** Adds the styles that a part brings in its own script. A stylesheet of the bundler's that failed once is never tried again. */
export function wear(styles: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  document.adoptedStyleSheets.push(sheet);
}
