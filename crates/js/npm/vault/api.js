import { Vault } from "#glue";
import { PortcullisError } from "../error.js";

// A handle that was freed answers with a code like everything else, not with the glue's own words.
for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(Vault.prototype))) {
  const kind = property.get ? "get" : "value";
  const inner = property[kind];
  if (["constructor", "free", "__destroy_into_raw"].includes(name) || typeof inner !== "function") continue;
  property[kind] = function (...given) {
    if (this.__wbg_ptr === 0) throw new PortcullisError("VAULT_CLOSED", "This vault was closed; open it again.");
    return inner.apply(this, given);
  };
  Object.defineProperty(Vault.prototype, name, property);
}

export { Vault };
export { createVault, readLocked, unlock, makeDeviceKey, makeRecoveryKey, recoveryKeyBytes } from "#glue";
