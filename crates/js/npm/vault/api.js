import * as vault from "#glue";
import { PortcullisError } from "../error.js";
import { account, bytes, list, number, object, text, texts } from "../given/index.js";

const { Vault } = vault;

// A handle that was freed answers with a code like everything else, not with the glue's own words; and what is handed over
// is looked at first; a look that returns something returns the arguments as they go on.
const looks = {
  apply(change, nowMs) {
    object(change, "change");
    number(nowMs, "nowMs");
    const { account: whole } = change;
    return [whole == null ? change : { ...change, account: account(whole) }, nowMs];
  },
  codesAt: (nowMs) => number(nowMs, "nowMs"),
  duplicatesOf: (given) => [account(given)],
  addSlot(slot, nowMs) {
    slotOf(slot, "slot");
    number(nowMs, "nowMs");
  },
  replaceSlots: slotsOf,
  exportAccount: (id) => text(id, "id"),
  exportUri: (id) => text(id, "id"),
  exportSource: (id) => text(id, "id"),
  setTags: (tags) => texts(tags, "tags"),
  setTicks: (ticks) => texts(ticks, "ticks"),
  noteBackup(place, nowMs) {
    text(place, "place");
    number(nowMs, "nowMs");
  },
  noteOpened(place, backup, nowMs) {
    text(place, "place");
    number(nowMs, "nowMs");
    if (!(backup instanceof Vault)) throw new PortcullisError("BAD_ARGUMENT", `The argument "backup" must be an open vault.`);
    backup.generation; // One that was closed says so.
    if (backup === this) throw new PortcullisError("BAD_ARGUMENT", `The argument "backup" must be another vault than this one.`);
  },
  reopen: (file) => bytes(file, "bytes"),
  removeSlot: (id) => text(id, "id"),
  proveSlot(id, key, nowMs) {
    text(id, "id");
    bytes(key, "key");
    number(nowMs, "nowMs");
  },
};
function slotOf(slot, name) {
  object(slot, name);
  bytes(slot.key, `${name}.key`);
  if (slot.kind !== "passkey") return;
  object(slot.passkey, `${name}.passkey`);
  bytes(slot.passkey.salt, `${name}.passkey.salt`);
  bytes(slot.passkey.credentialId, `${name}.passkey.credentialId`);
}
function slotsOf(slots, nowMs) {
  list(slots, "slots");
  for (const slot of slots) slotOf(slot, "slots");
  number(nowMs, "nowMs");
}
for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(Vault.prototype))) {
  const kind = property.get ? "get" : "value";
  const inner = property[kind];
  if (["constructor", "free", "__destroy_into_raw"].includes(name) || typeof inner !== "function") continue;
  property[kind] = function (...given) {
    if (this.__wbg_ptr === 0) throw new PortcullisError("VAULT_CLOSED", "This vault was closed; open it again.");
    return inner.apply(this, looks[name]?.apply(this, given) ?? given);
  };
  Object.defineProperty(Vault.prototype, name, property);
}

// Closing twice does nothing: `using` closes at the end of its block what may be closed already.
const free = Vault.prototype.free;
Vault.prototype.free = function () {
  if (this.__wbg_ptr !== 0) free.call(this);
};
if (Symbol.dispose) Vault.prototype[Symbol.dispose] = Vault.prototype.free;

export { Vault };

export function createVault(slots, nowMs) {
  slotsOf(slots, nowMs);
  return vault.createVault(slots, nowMs);
}

export function readLocked(file) {
  bytes(file, "bytes");
  return vault.readLocked(file);
}

export function unlock(file, slotId, key) {
  bytes(file, "bytes");
  text(slotId, "slotId");
  bytes(key, "key");
  return vault.unlock(file, slotId, key);
}

export function recoveryKeyBytes(typed) {
  text(typed, "typed");
  return vault.recoveryKeyBytes(typed);
}

export { makeDeviceKey, makeRecoveryKey } from "#glue";
