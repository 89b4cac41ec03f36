import type { Account, AddEvent, Change, Found, FoundSheet, Left, ReportSheet, State, Words } from "./model.ts";
import { plainName, title } from "./names.ts";
import { type Step, noEffects } from "./step.ts";

/** What was found, from its preview to what became of it. */
export function finding(state: State, event: AddEvent): Step | null {
  return state.sheet?.at === "found" ? onFound(state, state.sheet, event) : null;
}

/** Whether the PIN can be one of this kind: mOTP has four digits, Yandex four to sixteen. */
export function isPin({ account, pin }: Found): boolean {
  const { length } = account.pin ?? "";
  if (!pin || !/^\d{4,16}$/.test(account.pin ?? "")) return !pin;
  return pin.digits === null ? account.kind !== "motp" || length === 4 : length === pin.digits;
}

function onFound(state: State, sheet: FoundSheet, event: AddEvent): Step | null {
  const item = (index: number, change: (found: Found) => Found): FoundSheet => ({
    ...sheet,
    note: null,
    items: sheet.items.map((found, at) => (at === index ? change(found) : found)),
  });
  switch (event.type) {
    case "previews":
      return noEffects({ ...state, sheet: { ...sheet, items: sheet.items.map((found, at) => ({ ...found, preview: event.previews[at] ?? null })) } });
    case "found field": {
      const after = item(event.index, (found) => ({ ...found, fault: null, account: { ...found.account, [event.field]: event.value } }));
      // Its code comes with its PIN.
      return [{ ...state, sheet: after }, event.field === "pin" ? [{ do: "preview", accounts: after.items.map(({ account }) => account) }] : []];
    }
    case "found take":
      return noEffects({ ...state, sheet: item(event.index, (found) => ({ ...found, take: event.take, fault: null })) });
    case "found replace":
      return noEffects({ ...state, sheet: item(event.index, (found) => ({ ...found, replace: event.replace })) });
    case "save found":
      return save(state, sheet);
  }
  return null;
}

function save(state: State, sheet: FoundSheet): Step {
  if (sheet.busy) return noEffects(state);
  const alone = sheet.items.length === 1;
  const items = sheet.items.map((found) => (found.take ? { ...found, fault: faultIn(found, alone) } : found));
  if (items.some(({ fault }) => fault)) return noEffects({ ...state, sheet: { ...sheet, items } });
  const taken = items.filter((found) => found.take);
  if (taken.length === 0) return noEffects({ ...state, sheet: null });
  const changes = taken.flatMap((found): Change[] => [
    addOf(found),
    ...(found.replace ? found.namesakes.map((id): Change => ({ do: "trash", id })) : []),
  ]);
  for (const { original } of sheet.left) if (original) changes.push(keepOf(original));
  return [{ ...state, sheet: { ...sheet, busy: true, note: null } }, [{ do: "apply", changes, words: savedWords(sheet), undoable: true }]];
}

function faultIn(found: Found, alone: boolean): Found["fault"] {
  if (!isPin(found)) return { field: "pin", words: pinWords(found) };
  // Only one that stands alone has fields for its names.
  const { issuer, name } = named(found.account);
  return alone && issuer === "" && name === "" ? { field: "issuer", words: { key: "hand.nameless" } } : null;
}

function pinWords({ account, pin }: Found): Words {
  const count = pin?.digits ?? (account.kind === "motp" ? 4 : null);
  return count === null ? { key: "pin.digits" } : { key: "pin.count", vars: { count } };
}

/** With what came beside it, as far as the vault can carry it. */
function addOf({ account, beside }: Found): Change {
  if (!beside) return { do: "add", account: named(account) };
  // A backup's counter is that of the day it was made.
  return { do: "add", account: named(account), ...beside, restored: account.kind === "hotp" };
}

/** An entry without a key, so that it never makes a code: the original has everything. */
const keepOf = ({ issuer, name, source }: NonNullable<Left["original"]>): Change => ({ do: "add", account: named({ kind: "totp", secret: "", issuer, name, algorithm: "SHA1", digits: 6, periodSecs: 30 }), source });

const named = (account: Account): Account => ({ ...account, issuer: plainName(account.issuer), name: plainName(account.name) });

/** How many there were, the ones that could not be taken among them. */
export const totalOf = (sheet: FoundSheet): number => sheet.items.length + sheet.left.filter(({ file }) => !file).length;

const NAMED = 3; // in one sentence; the others are counted, and all of them stand in the report

/** The last word of an import: what was saved, and what was not. */
export function savedWords(sheet: FoundSheet): Words {
  const count = sheet.items.filter(({ take }) => take).length;
  const total = totalOf(sheet);
  if (sheet.left.every(({ file }) => file)) return count === total ? { key: "added", vars: { count } } : { key: "added.some", vars: { count, total } };
  const names = sheet.left.slice(0, NAMED).map((left) => left.title || "—").join("; ");
  const more = sheet.left.length - NAMED;
  return more > 0 ? { key: "added.without.more", vars: { saved: count, total, names, count: more } } : { key: "added.without", vars: { saved: count, total, names } };
}

/** What stays on the screen when something was left out or taken in another form. */
export function reportOf(sheet: FoundSheet): ReportSheet | null {
  const taken = sheet.items.filter(({ take }) => take);
  const changed = taken.flatMap(({ account, changed }) => changed.map((why) => ({ title: title(account), why })));
  const { left, said = [] } = sheet;
  if (left.length === 0 && changed.length === 0 && said.length === 0) return null;
  const rest = sheet.items.filter(({ take }) => !take);
  const doubles = rest.flatMap(({ account, twice }) => (twice === undefined ? [] : [{ title: title(account), why: { key: "found.twice", vars: { title: twice } } }]));
  return { at: "report", saved: taken.length, total: totalOf(sheet), left, changed, doubles, said, present: rest.length - doubles.length };
}
