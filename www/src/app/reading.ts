// The entries of the package that are only needed for adding and showing accounts are fetched when that begins.
import type { Account, Entry, Event, Found, From, Left, Words } from "./model.ts";
import { called, plainName } from "./names.ts";
import { readBackup } from "./backups.ts";
import * as session from "./session.ts";
import { differences, sameButCounter } from "./twins.ts";

const otp = () => import("portcullis");

/** What another app kept beside an account. */
export type Beside = NonNullable<Found["beside"]>;

/** Why an account is left out, in a sentence that stands beside its name. */
export const leftOut = (code: string): Words => ({ key: `left.${code}`, vars: { code } });

/** How the codes of a vault on paper begin. */
const SERIES = "PORTCULLIS1:";

/** A sealed vault from the codes of its series, or the numbers of those that are missing. */
async function fromSeries(texts: string[]): Promise<Event> {
  const { ask, end } = await import("../ports/opener.ts");
  const answer = await ask({ do: "gather", parts: texts });
  if (answer.is !== "gathered") throw Object.assign(new Error("no series"), { code: answer.is === "refused" ? answer.code : "BACKUP_DAMAGED" });
  const { vault, missing, total } = answer;
  if (!vault) return { type: "read part", texts, missing, total, count: 0 };
  end();
  return { type: "moving", is: { type: "vault given", name: `QR 1–${total}`, info: await readBackup(vault) } };
}

/** The accounts in texts of QR codes that came among files. */
export async function linksIn(texts: string[]): Promise<{ accounts: Account[]; needsPin: { account: number; digits?: number }[]; left: Left[] }> {
  if (texts.length === 0) return { accounts: [], needsPin: [], left: [] };
  const { readLinks } = await import("portcullis/migration");
  const { accounts, needsPin, refused, exports } = readLinks(texts);
  const left = refused.map(({ issuer, name, code }): Left => ({ title: issuer || name ? called({ issuer, name }) : "", why: leftOut(code) }));
  for (const { missing } of exports) if (missing.length > 0) left.push({ title: "", why: { key: "left.parts", vars: { count: missing.length, missing: missing.join(", ") } } });
  return { accounts, needsPin, left };
}

/** What the texts hold, read as one: an export may come in parts. `partly`: do not wait for the parts that are missing. */
export async function fromTexts(texts: string[], { from, partly }: { from: From; partly: boolean }): Promise<Event> {
  const series = texts.filter((text) => text.startsWith(SERIES));
  if (series.length > 0) return fromSeries(series);
  const { readLinks } = await import("portcullis/migration");
  const { accounts, needsPin, refused, exports, key } = readLinks(texts);
  const open = exports.find(({ missing }) => missing.length > 0);
  if (open && !partly) return { type: "read part", texts, missing: open.missing, total: open.total, count: accounts.length };
  const left = refused.map(({ issuer, name, code }): Left => ({ title: issuer || name ? called({ issuer, name }) : "", why: leftOut(code) }));
  if (open) left.push({ title: "", why: { key: "left.parts", vars: { count: open.missing.length, missing: open.missing.join(", ") } } });
  if (accounts.length > 0 || left.length > 0) return { type: "read", items: foundIn(accounts, needsPin), left };
  if (key !== undefined && from === "text") return { type: "read key", key };
  return texts.every((text) => text.trim() === "") ? { type: "read", items: [], left: [] } : { type: "read nothing", from };
}

/** An account that was typed in, as the core sees it: written and read once, so that nothing odd is stored. */
export async function fromAccount(account: Account): Promise<Event> {
  const { formatUri, parseUri } = await otp();
  return { type: "read", items: foundIn([parseUri(formatUri(account))], []), left: [] };
}

const ANY_PIN = "0000"; // to ask about an account whose PIN nobody gave yet: the PIN is no part of its key

/** What is there to be saved, each compared with the vault and with those before it. */
export function foundIn(read: Account[], needsPin: { account: number; digits?: number }[]): Found[] {
  const known = session.view();
  const entries = new Map([...known.entries, ...known.trash].map((entry) => [entry.id, entry]));
  const before = new Map<string, Account[]>();
  const named = new Map<string, Entry[]>();
  const nameOf = ({ issuer, name }: { issuer: string; name: string }): string => JSON.stringify([plainName(issuer), plainName(name)]);
  for (const entry of known.entries) named.set(nameOf(entry), [...(named.get(nameOf(entry)) ?? []), entry]);
  return read.map((given, at): Found => {
    const pin = isPinned(given) && !given.pin ? { digits: needsPin.find(({ account }) => account === at)?.digits ?? null } : null;
    const account = { ...given, issuer: plainName(given.issuer), name: plainName(given.name), ...(pin ? { pin: "" } : {}) };
    // Whoever moves in has nothing yet: then the core need not be asked about each of hundreds.
    const twins = entries.size === 0 ? [] : session.duplicatesOf(pin ? { ...account, pin: ANY_PIN } : account).flatMap((id) => entries.get(id) ?? []);
    const compared = twins.map((entry) => ({ entry, parts: differences(withPin(entry), account) }));
    const key = `${account.kind} ${account.secret}`;
    const beside = before.get(key) ?? [];
    before.set(key, [...beside, account]);
    const same = compared.filter(({ parts }) => parts.length === 0).map(({ entry }) => entry.id);
    const others = compared.filter(({ parts }) => parts.length > 0);
    const kin = [
      ...others.map(({ entry, parts }) => ({ title: called(entry), parts })),
      ...beside.map((other) => ({ title: called(other), parts: differences(other, account) })),
    ];
    const namesakes = (named.get(nameOf(account)) ?? []).filter(({ id }) => !twins.some((twin) => twin.id === id)).map(({ id }) => id);
    // One counter in two places would be used up in both, and the website would refuse the slower one.
    const take = same.length === 0 && !others.some(({ parts }) => sameButCounter(parts));
    return { account, preview: null, same, kin, namesakes, changed: [], pin, fault: null, take, replace: false };
  });
}

const isPinned = ({ kind }: { kind: Account["kind"] }): boolean => kind === "motp" || kind === "yandex";
const withPin = (entry: Entry) => (isPinned(entry) ? { ...entry, pin: session.exportAccount(entry.id).pin ?? "" } : entry);

/** The codes to compare with the old app. A counter's is not looked at: looking would use it up. */
export async function previews(accounts: Account[], nowMs: number): Promise<Found["preview"][]> {
  const { code } = await otp();
  return accounts.map((account) => {
    if (account.kind === "hotp") return null;
    try {
      const { text, validUntilMs } = code(account, nowMs);
      if (validUntilMs === undefined) return null;
      return { text, validUntilMs, validFromMs: validUntilMs - (account.periodSecs ?? 30) * 1000 };
    } catch {
      return null; // Its PIN is still being typed.
    }
  });
}

export async function drawn(text: string): Promise<string> {
  const { drawQr } = await import("portcullis/qr");
  return drawQr(text, { errorCorrection: "M" });
}
