// Runs the rows of `cas/` in any JavaScript runtime: `runCas(cas, files) -> failures`, where `cas` is the entry
// `portcullis/cas` and `files` has the JSON of { answers, urls, services, queries, logouts, tickets }. Imports no Node
// modules.

const hex = (text) => Uint8Array.from(text.match(/../g), (pair) => Number.parseInt(pair, 16));
const same = (got, wanted) => JSON.stringify(got) === JSON.stringify(wanted);
const body = ({ body: text = "", bytes, pad }) => (bytes ? hex(bytes) : pad ? text.padEnd(pad) : text);
const longText = ({ text, pad = 0 }) => text.padEnd(pad, "a");

function codeOf(cas, work) {
  try {
    return { value: work() };
  } catch (error) {
    if (!(error instanceof Error) || !(error instanceof cas.PortcullisError) || error.name !== "PortcullisError") return { odd: String(error) };
    // A message must not contain the input.
    return /ST-|PGT|<|\{/.test(error.message) ? { odd: error.message } : { code: error.code };
  }
}

const subjects = {
  answers(cas, row) {
    const { protocol, renew, chains: proxies, proxied, allowNoNamespace } = row;
    const expect = { protocol, renew, proxies, allowNoNamespace, ticket: proxied ? "PT-1" : undefined };
    for (const key of Object.keys(expect)) if (expect[key] === undefined) delete expect[key];
    const { user, attributes, proxies: chain, pgtIou } = cas.readAnswer(row.status ?? 200, body(row), expect);
    const wanted = row.expect ?? {};
    const pairs = Object.entries(attributes);
    // The order of names is kept, except for integers, which JavaScript objects move to the front.
    return same([user, pairs, chain, pgtIou], [wanted.user, wanted.attributes, wanted.proxies ?? [], wanted.pgtIou]) || [user, pairs, chain, pgtIou];
  },
  urls(cas, { base, validateBase, protocol, format, service, prompt, params = [], ticket, renew, expect }) {
    const server = { url: base, validateUrl: validateBase, protocol, format };
    for (const key of Object.keys(server)) if (server[key] === undefined) delete server[key];
    const login = cas.loginUrl(server, service, { renew: prompt === "renew", gateway: prompt === "gateway", params: Object.fromEntries(params) });
    const got = { login, logout: cas.logoutUrl(server, service), validate: ticket && cas.validateUrl(server, service, ticket, { renew: Boolean(renew) }) };
    return Object.entries(expect ?? {}).every(([name, url]) => got[name] === url) || got;
  },
  services(cas, row) {
    const url = cas.loginUrl("https://cas.example.org", longText(row));
    const wanted = row.expect && `https://cas.example.org/login?service=${row.expect.padEnd(row.expect.length + Math.max(0, (row.pad ?? 0) - row.text.length), "a")}`;
    return url === wanted || url;
  },
  queries(cas, { query, expect: { only, last, rest } }) {
    const wanted = only && { ticket: only, rest: rest ?? "" };
    const got = [query, `?${query}`].map((text) => cas.takeTicket(text));
    return got.every((one) => same(one, wanted)) || [got, last];
  },
  logouts(cas, row) {
    const got = cas.readLogoutRequest(body(row));
    return got === row.expect || got;
  },
};

/** @returns {string[]} one line for each row that fails */
export function runCas(cas, files) {
  const failures = [];
  let count = 0;
  for (const [subject, check] of Object.entries(subjects)) {
    if (!files[subject]?.length) failures.push(`${subject}: no rows`);
    for (const row of files[subject] ?? []) {
      count += 1;
      const { value, code, odd } = codeOf(cas, () => check(cas, row));
      const good = row.refuse ? code === row.refuse : value === true;
      if (!good) failures.push(`${subject}: ${row.id ?? ""} ${row.name}: ${odd ?? code ?? JSON.stringify(value)}, wanted ${row.refuse ?? JSON.stringify(row.expect)}`);
    }
  }
  // The package has no function to parse a ticket, so its kind is seen in the validation URL.
  for (const row of files.tickets ?? []) {
    count += 1;
    const { value, code } = codeOf(cas, () => cas.validateUrl("https://cas.example.org", "https://a.example/", longText(row)));
    const good = row.refuse ? code === "BAD_ARGUMENT" : value?.includes(row.expect === "proxy" ? "/p3/proxyValidate?" : "/p3/serviceValidate?") && value.endsWith(`&ticket=${longText(row)}`);
    if (!good) failures.push(`tickets: ${row.name}: ${code ?? value}`);
  }
  return count > 300 ? failures : [...failures, `only ${count} rows`];
}
