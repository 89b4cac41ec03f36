// One tab writes. Others say so and offer to take over.

const LOCK = "portcullis-vault";
const PATIENCE_MS = 600; // A page that was loaded anew may meet the lock of the page that it replaces.

let mine = false;

/**
 * Becomes the one tab that works on the vault. Returns false when another tab is that and `force` is not given. `lost` is
 * called when another tab takes over.
 */
export function claim(force: boolean, lost: () => void): Promise<boolean> {
  // Without locks, the storage notices a second writer by itself. And nobody takes over from themselves.
  if (!("locks" in navigator) || mine) return Promise.resolve(true);
  return new Promise((resolve) => {
    navigator.locks
      .request(LOCK, force ? { steal: true } : { signal: AbortSignal.timeout(PATIENCE_MS) }, () => {
        mine = true;
        resolve(true);
        return new Promise<void>(() => undefined); // Held as long as the tab lives.
      })
      .catch(() => {
        if (mine) lost();
        mine = false;
        resolve(false);
      });
  });
}
