// One tab writes. Others say so and offer to take over.

const LOCK = "portcullis-vault";

/**
 * Becomes the one tab that works on the vault. Returns false when another tab is that and `force` is not given. `lost` is
 * called when another tab takes over.
 */
export function claim(force: boolean, lost: () => void): Promise<boolean> {
  if (!("locks" in navigator)) return Promise.resolve(true); // The storage notices a second writer by itself.
  return new Promise((resolve) => {
    navigator.locks
      .request(LOCK, force ? { steal: true } : { ifAvailable: true }, (lock) => {
        if (!lock) {
          resolve(false);
          return undefined;
        }
        resolve(true);
        return new Promise<void>(() => undefined); // Held as long as the tab lives.
      })
      .catch(() => lost());
  });
}
