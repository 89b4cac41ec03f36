// One tab writes. Others say so and offer to take over.

const LOCK = "portcullis-vault";
const CHANNEL = "portcullis-tabs";
const PATIENCE_MS = 2_000; // A tab that is at work answers sooner, on a slow phone too.

let mine = false;
/** Ends the wait for the lock that this tab has begun. */
let giveUp: (() => void) | null = null;

export interface Listening {
  /** Another tab has taken over. */
  lost: () => void;
  /** Another tab has the lock and does not answer. The wait goes on. */
  silent: () => void;
}

/**
 * Becomes the one tab that works on the vault: true. False when another tab says that it is that, null when a later call
 * took the place of this one. `force`: takes over, whoever it is.
 */
export async function claim(force: boolean, on: Listening): Promise<boolean | null> {
  // Without locks, the storage notices a second writer by itself. And nobody takes over from themselves.
  if (!("locks" in navigator) || mine) return true;
  giveUp?.();
  giveUp = null;
  if (force) return take({ steal: true }, on);
  return (await take({ ifAvailable: true }, on)) || wait(on);
}

function take(options: LockOptions, on: Listening): Promise<boolean> {
  return new Promise((resolve) => {
    navigator.locks
      .request(LOCK, options, (lock) => {
        resolve(lock !== null);
        if (!lock) return;
        mine = true;
        answer();
        return new Promise<void>(() => undefined); // Held as long as the tab lives.
      })
      .catch(() => {
        if (mine) on.lost();
        mine = false;
        resolve(false);
      });
  });
}

/** Waits in the line: the tab before this one may be a page that is just going. */
function wait(on: Listening): Promise<boolean | null> {
  const line = new AbortController();
  const channel = new BroadcastChannel(CHANNEL);
  return new Promise<boolean | null>((resolve) => {
    const timer = setTimeout(on.silent, PATIENCE_MS);
    const end = (as: boolean | null): void => {
      clearTimeout(timer);
      channel.close();
      if (giveUp === superseded) giveUp = null;
      resolve(as);
      if (!as) line.abort();
    };
    const superseded = (): void => end(null);
    giveUp = superseded;
    channel.onmessage = ({ data }) => data === "here" && end(false);
    channel.postMessage("who");
    void take({ signal: line.signal }, on).then((got) => got && end(true));
  });
}

let answering: BroadcastChannel | null = null;

/** Tells whoever asks that this tab is at work. */
function answer(): void {
  if (answering) return;
  answering = new BroadcastChannel(CHANNEL);
  answering.onmessage = ({ data }) => void (data === "who" && mine && answering?.postMessage("here"));
}
