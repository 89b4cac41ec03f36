// The entries of the package that are only needed for adding and showing accounts are fetched when that begins.
import type { Account, Found, Words } from "./model.ts";
import * as session from "./session.ts";

interface Read {
  items: Found[];
  refused: Words[];
}

const otp = () => import("portcullis");

const refusal = (error: unknown): Words => {
  const code = (error as { code?: unknown })?.code;
  if (typeof code !== "string") return { key: "fault.unknown" };
  return { key: `fault.${code}`, vars: { code } };
};

function found(account: Account): Found {
  const same = session.duplicatesOf(account);
  const namesakes = session
    .view()
    .entries.filter(({ issuer, name, id }) => issuer === account.issuer && name === account.name && !same.includes(id))
    .map(({ id }) => id);
  return { account, preview: null, same, namesakes, take: same.length === 0, replace: false };
}

/** What each text holds; what holds nothing is named, not dropped. */
export async function fromTexts(texts: string[]): Promise<Read> {
  const { parseUri } = await otp();
  const items: Found[] = [];
  const refused: Words[] = [];
  for (const text of texts) {
    try {
      items.push(found(parseUri(text)));
    } catch (error) {
      refused.push(refusal(error));
    }
  }
  return { items, refused };
}

/** An account that was typed in, as the core sees it: written and read once, so that nothing odd is stored. */
export async function fromAccount(account: Account): Promise<Read> {
  const { formatUri } = await otp();
  return fromTexts([formatUri(account)]);
}

export async function fromParts(parts: string[]): Promise<Read & { missing: number[]; total: number }> {
  const { readMigration } = await import("portcullis/migration");
  const { accounts, missing, total, refused } = readMigration(parts);
  return {
    items: accounts.map(found),
    refused: refused.map(({ issuer, name, code }) => ({ key: "found.refused", vars: { title: issuer || name || "—", code } })),
    missing,
    total,
  };
}

/** The codes to compare with the old app. A counter's is not looked at: looking would use it up. */
export async function previews(accounts: Account[], nowMs: number): Promise<Found["preview"][]> {
  const { code } = await otp();
  return accounts.map((account) => {
    if (account.kind === "hotp") return null;
    const { text, validUntilMs } = code(account, nowMs);
    if (validUntilMs === undefined) return null;
    return { text, validUntilMs, validFromMs: validUntilMs - (account.periodSecs ?? 30) * 1000 };
  });
}

export async function drawn(text: string): Promise<string> {
  const { drawQr } = await import("portcullis/qr");
  return drawQr(text, { errorCorrection: "M" });
}
