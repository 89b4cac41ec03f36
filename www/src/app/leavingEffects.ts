// Does what leaving.ts asks for. A file is opened again before it counts.
import type { Backup, BackupFormat, BackupItem, BackupLoss } from "portcullis/backup";
import { type Instant, instant, passed } from "../ports/clock.ts";
import { hand, print } from "../ports/handing.ts";
import { ask, end } from "../ports/opener.ts";
import { wordsFor } from "./attempt.ts";
import type { Emit } from "./model.ts";
import type { Away, Drawn, LeaveSheet, Moving, WayOut } from "./movingTypes.ts";
import { accountOf, called, title } from "./names.ts";
import { page } from "./paper.ts";
import { backupBytes } from "./backups.ts";
import * as session from "./session.ts";
import { prove } from "./ways.ts";

const of = (is: Moving) => ({ type: "moving", is }) as const;

const FRESH_MS = 60_000; // as long as one walks through one export
/** When what opens the vault was typed last. */
let proved: Instant | null = null;

/** What holds no secret that it does not seal itself needs no proof. */
const isSealed = (way: WayOut): boolean => way === "series";

interface Item {
  item: BackupItem;
  named: { issuer: string; name: string };
}

/** The accounts that go, as the writers take them; those that this version cannot compute are left out by name. */
function chosen(ids: string[] | null): { items: Item[]; left: LeaveSheet["losses"] } {
  const items: Item[] = [];
  const left: LeaveSheet["losses"] = [];
  for (const entry of session.view().entries) {
    if (ids && !ids.includes(entry.id)) continue;
    const { note, tags, pinned } = entry;
    try {
      session.exportUri(entry.id); // Throws for one that makes no codes, which the writers cannot take.
      items.push({ item: { account: session.exportAccount(entry.id), note, tags, pinned }, named: entry });
    } catch {
      left.push({ title: called(entry), why: { key: entry.hasSource ? "loss.kept" : "loss.newer" }, out: true });
    }
  }
  return { items, left };
}

const formatOf = (way: WayOut): BackupFormat => (way === "print" || way === "series" || way === "one" ? "links" : way);

async function losses(way: WayOut, ids: string[] | null, emit: Emit): Promise<void> {
  if (way === "one") return emit({ type: "open qr", id: ids?.[0] ?? "" });
  const { items, left } = chosen(ids);
  const total = items.length + left.length;
  if (way === "series") {
    const all = session.view();
    return emit(of({ type: "losses", losses: [], count: all.entries.length, total: all.entries.length }));
  }
  const answer = await ask({ do: "losses", format: formatOf(way), items: items.map(({ item }) => item) });
  if (answer.is !== "losses") throw failure(answer);
  const told = answer.losses.map((loss) => toldOf(loss, items));
  const out = answer.losses.filter(({ leftOut }) => leftOut).length;
  emit(of({ type: "losses", losses: [...left, ...told], count: items.length - out, total }));
}

function toldOf({ index, code, leftOut }: BackupLoss, items: Item[]): LeaveSheet["losses"][number] {
  const item = items[index];
  return { title: item ? called(item.named) : "", why: { key: `loss.${code}` }, out: leftOut };
}

const failure = (answer: { is: string }): Error => Object.assign(new Error("not written"), { code: "code" in answer ? String(answer.code) : "BACKUP_BROKEN" });

async function write(way: Exclude<WayOut, "one">, ids: string[] | null, password: string, emit: Emit): Promise<void> {
  if (way === "series") return series(emit);
  const { items, left } = chosen(ids);
  const total = items.length + left.length;
  if (way === "print") return sheet(items, total, emit);
  const nowMs = Date.now();
  const answer = await ask({ do: "write", format: way, items: items.map(({ item }) => item), options: { nowMs, ...(way === "aegis-encrypted" ? { password } : {}) } });
  if (answer.is !== "written") throw failure(answer);
  const { parts, count, losses: lost } = answer.written;
  const out = new Set(lost.filter(({ leftOut }) => leftOut).map(({ index }) => index));
  await compare(parts, password, items.filter((_, index) => !out.has(index)), nowMs);
  if (way === "google") return emit(of({ type: "written", count, total, codes: await drawnAll(parts as string[]) }));
  const [name, type] = FILES[way];
  if (!(await hand(`portcullis-${new Date(nowMs).toISOString().slice(0, 10)}${name}`, parts[0] as Uint8Array, type))) throw Object.assign(new Error("not handed"), { code: "NOT_HANDED" });
  emit(of({ type: "written", count, total, codes: [] }));
}

const FILES: Record<Exclude<WayOut, "google" | "series" | "print" | "one">, [string, string]> = {
  links: ["-links.txt", "text/plain"],
  aegis: ["-aegis-plain.json", "application/json"],
  "aegis-encrypted": ["-aegis.json", "application/json"],
  "2fas": [".2fas", "application/json"],
};

/** Opens what was written and compares every code: a file that does not give them back is never handed over. */
async function compare(parts: (string | Uint8Array)[], password: string, items: Item[], nowMs: number): Promise<void> {
  const bytes = typeof parts[0] === "string" ? new TextEncoder().encode(parts.join("\n")) : new Uint8Array(parts[0] as Uint8Array);
  let answer = await ask({ do: "look", bytes, beside: [] });
  if (answer.is === "locked") answer = await ask({ do: "unlock", password });
  if (answer.is !== "open") throw failure(answer);
  const { code } = await import("portcullis");
  const codes = (accounts: BackupItem["account"][]): string => JSON.stringify(accounts.map((account) => (account.kind === "hotp" ? account.secret : code(account, nowMs).text)).sort());
  const back: Backup = answer.backup;
  if (codes(back.entries.map(({ account }) => account)) !== codes(items.map(({ item }) => item.account))) throw failure({ is: "differs" });
}

async function drawnAll(texts: string[], names?: Item[]): Promise<Drawn[]> {
  const { drawQr } = await import("portcullis/qr-draw");
  return texts.map((text, at) => {
    const named = names?.[at]?.named;
    return { svg: drawQr(text, { errorCorrection: "M" }), title: named ? title(named) : `${at + 1} / ${texts.length}`, below: named ? accountOf(named) : "" };
  });
}

/** The vault itself, sealed as it is, as codes for paper. */
async function series(emit: Emit): Promise<void> {
  const vault = await backupBytes();
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", vault as BufferSource));
  const vaultId = [...hash.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const answer = await ask({ do: "series", vault, vaultId });
  if (answer.is !== "series") throw failure(answer.is === "refused" && answer.code === "BACKUP_TOO_LARGE" ? { is: "refused", ...{ code: "SERIES_TOO_LARGE" } } : answer);
  const back = await ask({ do: "gather", parts: answer.parts });
  if (back.is !== "gathered" || String(back.vault) !== String(vault)) throw failure({ is: "differs" });
  const { length } = session.view().entries;
  emit(of({ type: "written", count: length, total: length, codes: await drawnAll(answer.parts) }));
}

/** A sheet of paper with a code for each account. */
async function sheet(items: Item[], total: number, emit: Emit): Promise<void> {
  const { formatUri } = await import("portcullis");
  const can = items.filter(({ item }) => {
    try {
      return formatUri(item.account) !== "";
    } catch {
      return false; // Told before, as too long.
    }
  });
  emit(of({ type: "written", count: can.length, total, codes: await drawnAll(can.map(({ item }) => formatUri(item.account)), can) }));
}

/** Does it; what comes of it comes back as an event. */
export async function away(effect: Away, emit: Emit): Promise<void> {
  try {
    await perform(effect, emit);
  } catch (error) {
    emit(of({ type: "leave failed", note: wordsFor(error) }));
  } finally {
    if (effect.do === "write") end(); // It held secrets.
  }
}

async function perform(effect: Away, emit: Emit): Promise<void> {
  switch (effect.do) {
    case "may leave": {
      const asks = session.view().slots.every(({ kind }) => kind !== "device");
      const fresh = proved !== null && passed(proved, instant()) < FRESH_MS;
      return isSealed(effect.way) || fresh || !asks ? losses(effect.way, effect.ids, emit) : emit(of({ type: "prove first", way: effect.way, ids: effect.ids }));
    }
    case "prove":
      await prove(effect.method, effect.typed);
      proved = instant();
      return losses(effect.way, effect.ids, emit);
    case "write":
      return effect.way === "one" ? undefined : write(effect.way, effect.ids, effect.password, emit);
    case "print":
      if (!print()) throw Object.assign(new Error("no printer"), { code: "NO_PRINTER" });
      return;
    case "save page":
      await hand("portcullis-sheet.html", new TextEncoder().encode(page(effect.codes, location.origin, Date.now())), "text/html");
  }
}
