// The page's content security policy asks for Trusted Types: scripts start only by addresses that this one policy made.

interface Policy {
  createScriptURL(url: string): string;
}

const factory = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }).trustedTypes;

const policy: Policy = factory?.createPolicy("portcullis", { createScriptURL: ours }) ?? { createScriptURL: ours };

function ours(url: string): string {
  if (new URL(url, location.href).origin !== location.origin) throw new TypeError("only scripts of this app");
  return url;
}

/** The address of one of the app's own scripts, as the browser's sinks take it. */
export const scriptUrl = (url: string | URL): string => policy.createScriptURL(String(url));
