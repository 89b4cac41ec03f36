import type { Surroundings } from "../app/model.ts";
import { scriptUrl } from "./trusted.ts";

interface InstallPrompt extends globalThis.Event {
  prompt(): Promise<unknown>;
}

let prompt: InstallPrompt | null = null;
let registration: ServiceWorkerRegistration | null = null;
let updating = false;
const FOLLOW_MS = 2_000; // enough for the tab that asked to be the one that works on the vault again

const isInstalled = (): boolean =>
  matchMedia("(display-mode: standalone)").matches || (navigator as { standalone?: boolean }).standalone === true;

const isIos = (): boolean =>
  /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);

/** What is so at the start; `tell` hears of every change. */
export function surroundings(tell: (around: Partial<Surroundings>) => void): Surroundings {
  addEventListener("online", () => tell({ online: true }));
  addEventListener("offline", () => tell({ online: false }));
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault(); // Asked at a time of the person's own, from the settings.
    prompt = event as InstallPrompt;
    tell({ canInstall: true });
  });
  addEventListener("appinstalled", () => tell({ installed: true, canInstall: false }));
  return {
    online: navigator.onLine,
    installed: isInstalled(),
    canInstall: false,
    iosTab: isIos() && !isInstalled(),
    persistent: false,
    updateReady: false,
    version: "",
    clockOffMs: 0,
  };
}

export async function install(): Promise<void> {
  await prompt?.prompt();
  prompt = null;
}

/** Keeps the app on the device, and tells when a newer version has been fetched whole and waits. */
export async function keepOffline(tell: (around: Partial<Surroundings>) => void): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  let known = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (!known) known = true; // The first version, which replaces nothing.
    else if (updating) location.reload();
    // Another tab took the new version, and the files of the old one are gone. That tab goes first, this one follows when seen.
    else if (!document.hidden) setTimeout(() => location.reload(), FOLLOW_MS);
    else document.addEventListener("visibilitychange", () => location.reload(), { once: true });
  });
  registration = await navigator.serviceWorker.register(scriptUrl("/sw.js"), { updateViaCache: "none" });
  const waits = (): void => {
    // Without a controller this is the first version, which replaces nothing.
    if (registration?.waiting && navigator.serviceWorker.controller) tell({ updateReady: true });
  };
  const hear = (): void => registration?.installing?.addEventListener("statechange", waits);
  waits();
  hear(); // It may have been found before anybody listened.
  registration.addEventListener("updatefound", hear);
  const ready = await navigator.serviceWorker.ready;
  const channel = new MessageChannel();
  channel.port1.onmessage = ({ data }) => tell({ version: String(data) });
  ready.active?.postMessage("version", [channel.port2]);
}

/** Asks the server for a newer version; one that is there is fetched beside this one, and waits. */
export const lookForUpdate = (): void => void registration?.update().catch(() => undefined);

export function updateNow(): void {
  updating = true;
  if (registration?.waiting) registration.waiting.postMessage("take over");
  else location.reload(); // Another tab was quicker.
}
