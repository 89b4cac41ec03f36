// The pages of the demo CAS server. Each says that the server is for development only.
import { createHash } from "node:crypto";

import { xml } from "./answers.mjs";

const STYLE = `
:root { color-scheme: light dark; --paper: #fbfaf7; --raised: #fff; --line: #e2ded5; --edge: #8a857a; --ink: #16181d; --quiet: #5a5f68; --accent: #0b6b63; --on: #fff; --caution: #8a5200; --danger: #b3261e }
@media (prefers-color-scheme: dark) { :root { --paper: #121417; --raised: #1b1e23; --line: #2e3238; --edge: #777d87; --ink: #f1f0ec; --quiet: #a3a8b1; --accent: #63d2c4; --on: #06211e; --caution: #f0b65a; --danger: #ff8f85 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; padding: 32px 16px; display: grid; place-items: center; background: var(--paper); color: var(--ink); font: 16px/24px system-ui, sans-serif }
main { width: 100%; max-width: 28rem }
.stage { display: flex; align-items: center; gap: 12px; margin: 0 4px 16px; color: var(--quiet) }
.stage svg { flex: none; color: var(--accent) }
.stage strong { color: var(--ink); font-weight: 600 }
.card { background: var(--raised); border: 1px solid var(--line); border-radius: 12px; padding: 28px }
h1 { font-size: 20px; line-height: 28px; margin: 0 0 8px }
p { margin: 0 0 16px } .card > :last-child { margin-bottom: 0 }
.quiet { color: var(--quiet) } .wrong { color: var(--danger) }
.to { overflow-wrap: anywhere }
label { display: block; margin: 16px 0 4px; font-weight: 500 }
input:not([type=hidden]) { width: 100%; min-height: 44px; padding: 8px 12px; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--edge); border-radius: 8px }
button, .button { display: inline-block; width: 100%; min-height: 44px; margin-top: 24px; padding: 10px 16px; border: 0; border-radius: 8px; background: var(--accent); color: var(--on); font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.notice { margin: 16px 4px 0; padding-inline-start: 12px; border-inline-start: 3px solid var(--caution); color: var(--quiet); font-size: 14px; line-height: 20px }
.notice span { white-space: nowrap }
.notice strong { color: var(--caution) } code { font-family: ui-monospace, monospace; color: var(--ink) }`;

// The project's icon, in the page's own colours.
const ICON = `<svg width="40" height="40" viewBox="0 0 512 512" aria-hidden="true"><rect width="512" height="512" rx="112" fill="currentColor"/><path fill="var(--paper)" d="M82 150H430V180H82ZM82 274H430V304H82ZM97 96H127V376L112 418L97 376ZM169 96H199V376L184 418L169 376ZM241 96H271V376L256 418L241 376ZM313 96H343V376L328 418L313 376ZM385 96H415V376L400 418L385 376Z"/></svg>`;
const POST_SCRIPT = "document.forms[0].submit()";
const sha = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

// No `form-action`: Chromium applies it also to the redirect after a sign-in, which leads to another origin, the service.
export const headers = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src ${sha(STYLE)}; script-src ${sha(POST_SCRIPT)}; base-uri 'none'; frame-ancestors 'none'`,
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

const page = (title, body, users) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${STYLE}</style></head>
<body><main><div class="stage">${ICON}<span><strong>Demo CAS server</strong><br>for development only</span></div>
<div class="card">${body}</div>
${users ? `<p class="notice"><strong>For development only.</strong> Everyone can read these passwords: ${Object.entries(users).map(([name, { password }]) => `<span><code>${xml(name)}</code> / <code>${xml(password)}</code></span>`).join(", ")}.</p>` : ""}
</main></body></html>`;

const hostOf = (service) => (service ? new URL(service).host : "");

export const login = ({ users, service, wrong, user = "", renew, execution }) =>
  page("Sign in", `<h1>Sign in</h1>
<p class="quiet to">${service ? `Go on to ${xml(hostOf(service))}.${renew ? " It asks for your password once more." : ""}` : "Every app that trusts this server will know you."}</p>
${wrong ? '<p class="wrong" role="alert">That name and password do not match. Try again.</p>' : ""}
<form method="post" action="login">
<input type="hidden" name="service" value="${xml(service ?? "")}"><input type="hidden" name="execution" value="${xml(execution)}">${renew ? '<input type="hidden" name="renew" value="true">' : ""}
<label for="username">Name</label><input id="username" name="username" value="${xml(user)}" autocomplete="username" autocapitalize="none" spellcheck="false" required ${user ? "" : "autofocus"}>
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required ${user ? "autofocus" : ""}>
<button>Sign in</button></form>`, users);

export const signedIn = ({ name }) =>
  page("Signed in", `<h1>You are signed in as ${xml(name)}.</h1><p>Apps that trust this server let you in without asking again.</p><a class="button" href="logout">Sign out everywhere</a>`);

const toldText = (told) => (told === 0 ? "No app had to be told." : told === 1 ? "One app was told, so its session is over too." : `${told} apps were told, so their sessions are over too.`);
export const signedOut = ({ told }) => page("Signed out", `<h1>You are signed out.</h1><p>${toldText(told)}</p><a class="button" href="login">Sign in again</a>`);

export const refused = (title, text) => page("Not possible", `<h1>${xml(title)}</h1><p class="to">${xml(text)}</p>`);

/** The answer for `method=POST`: a form that sends itself, with a button where scripts are off. */
export const postBack = (service, ticket) =>
  page("One moment", `<h1>One moment</h1><p>You are going on to ${xml(hostOf(service))}.</p><form name="acsForm" method="post" action="${xml(service)}"><input type="hidden" name="ticket" value="${xml(ticket)}"><button>Go on</button></form>`).replace("</body>", `<script>${POST_SCRIPT}</script></body>`);
