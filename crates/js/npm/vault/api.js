import * as vault from "#glue";
import { PortcullisError } from "../error.js";
import { bytes, text, texts } from "../given/index.js";

const { Vault } = vault;

// A handle that was freed answers with a code like everything else, not with the glue's own words; and what is handed over
// is looked at first.
const looks = {
  exportAccount: (id) => text(id, "id"),
  exportUri: (id) => text(id, "id"),
  exportSource: (id) => text(id, "id"),
  setTags: (tags) => texts(tags, "tags"),
  noteBackup: (place) => text(place, "place"),
  noteOpened(place, backup) {
    text(place, "place");
    if (!(backup instanceof Vault)) throw new PortcullisError("BAD_ARGUMENT", `The argument "backup" must be an open vault.`);
    backup.generation; // One that was closed says so.
    if (backup === this) throw new PortcullisError("BAD_ARGUMENT", `The argument "backup" must be another vault than this one.`);
  },
  reopen: (file) => bytes(file, "bytes"),
  removeSlot: (id) => text(id, "id"),
  proveSlot(id, key) {
    text(id, "id");
    bytes(key, "key");
  },
};
for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(Vault.prototype))) {
  const kind = property.get ? "get" : "value";
  const inner = property[kind];
  if (["constructor", "free", "__destroy_into_raw"].includes(name) || typeof inner !== "function") continue;
  property[kind] = function (...given) {
    if (this.__wbg_ptr === 0) throw new PortcullisError("VAULT_CLOSED", "This vault was closed; open it again.");
    looks[name]?.apply(this, given);
    return inner.apply(this, given);
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

export { createVault, makeDeviceKey, makeRecoveryKey } from "#glue";
