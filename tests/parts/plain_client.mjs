// An HTTP client with cookies and forms, as a browser has them. It follows no redirect by itself. It is for what Chromium does not
// let a test do: stop half-way, send the same call-back fifty times, send false headers.
import { request as send } from "node:http";

const pageLoad = {
  accept: "text/html,application/xhtml+xml",
  "sec-fetch-dest": "document",
  "sec-fetch-mode": "navigate",
  "sec-fetch-site": "none",
  "user-agent": "Mozilla/5.0 (plain client of the tests)",
};
const unescapeHtml = (text) => text.replaceAll(/&(amp|lt|gt|quot|#x27|#39);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">", quot: '"' })[name] ?? "'");
const attribute = (tag, name) => unescapeHtml(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? "");

/** A client with its own cookie jar. As in browsers, a host's ports share their cookies. */
export class PlainClient {
  jar = new Map(); // host -> Map(name -> value)

  /** @returns {Map<string, string>} the cookies of an address's host */
  cookies(url) {
    const { hostname } = new URL(url);
    if (!this.jar.has(hostname)) this.jar.set(hostname, new Map());
    return this.jar.get(hostname);
  }

  /**
   * One request. Without headers it is a page load, as a click in a browser sends it.
   *
   * @param {string} url
   * @param {{ method?: string, headers?: Record<string, string | string[]>, body?: string, keep?: boolean }} [options] `keep: false` leaves the jar as it was
   * @returns {Promise<{ url: string, status: number, headers: import("node:http").IncomingHttpHeaders, setCookies: string[], location?: string, text: string }>}
   */
  async ask(url, { method = "GET", headers = pageLoad, body, keep = true } = {}) {
    const cookies = this.cookies(url);
    const all = { ...headers };
    if (cookies.size) all.cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    if (body !== undefined) Object.assign(all, { "content-type": "application/x-www-form-urlencoded", origin: new URL(url).origin, "content-length": Buffer.byteLength(body), ...headers });
    const answer = await new Promise((done, broken) => {
      // Each request has its own connection, so that fifty requests really run at once.
      send(url, { method, headers: all, agent: false }, done).on("error", broken).end(body);
    });
    let text = "";
    for await (const chunk of answer.setEncoding("utf8")) text += chunk;
    const setCookies = answer.headers["set-cookie"] ?? [];
    if (keep) for (const line of setCookies) this.take(cookies, line);
    const location = answer.headers.location && new URL(answer.headers.location, url).href;
    return { url, status: answer.statusCode, headers: answer.headers, setCookies, location, text };
  }

  take(cookies, line) {
    const [, name, value] = /^([^=;]+)=([^;]*)/.exec(line);
    const gone = /;\s*max-age=(0|-\d+)\b/i.test(line) || /;\s*expires=[^;]*\b1970\b/i.test(line);
    if (gone) cookies.delete(name);
    else cookies.set(name, value);
  }

  /** Fills in the first form of a page that has the fields of `values`, and sends it; a button among them is the one that is pressed. */
  async submit(page, values) {
    const forms = page.text.match(/<form[\s\S]*?<\/form>/gi) ?? [];
    const form = forms.find((one) => Object.keys(values).every((name) => one.includes(`name="${name}"`)));
    if (!form) throw new Error(`no form with ${Object.keys(values).join(", ")} in the page at ${new URL(page.url).pathname} (status ${page.status})`);
    const fields = new URLSearchParams();
    for (const [tag] of form.matchAll(/<(?:input|button)\b[^>]*>/gi)) {
      const name = attribute(tag, "name");
      if (name && (Object.hasOwn(values, name) || !["checkbox", "radio", "submit"].includes(attribute(tag, "type")))) fields.set(name, values[name] ?? attribute(tag, "value"));
    }
    const action = new URL(attribute(/<form\b[^>]*>/i.exec(form)[0], "action") || page.url, page.url);
    return this.ask(action.href, { method: "POST", headers: { ...pageLoad, "sec-fetch-site": "same-origin", referer: page.url }, body: fields.toString() });
  }

  /**
   * Goes to a protected page and signs in at the CAS server. Returns the address of the call-back with its unused ticket, without
   * calling it.
   *
   * @param {string} url
   * @param {{ user: string, password: string }} person
   */
  async callBack(url, { user, password }) {
    const away = await this.ask(url);
    if (!away.location) throw new Error(`${new URL(url).pathname} did not lead to the CAS server: status ${away.status}`);
    let at = await this.ask(away.location);
    if (at.status === 200) at = await this.submit(at, { username: user, password });
    if (!/[?&]ticket=/.test(at.location ?? "")) throw new Error(`the CAS server gave no ticket: status ${at.status}`);
    return at.location;
  }
}
