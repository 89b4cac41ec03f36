import type { CameraState } from "../app/model.ts";

let stream: MediaStream | null = null;
/** Counts starts and stops: a camera that comes after its sheet has gone is not wanted any more. */
let turn = 0;

/** Whether the camera may start without a question. Where the browser does not say, it is asked on a click. */
export async function mayStart(): Promise<"granted" | "prompt" | "denied" | "none"> {
  if (!navigator.mediaDevices?.getUserMedia) return "none";
  try {
    return (await navigator.permissions.query({ name: "camera" as PermissionName })).state;
  } catch {
    return "prompt";
  }
}

const stateFor = (error: unknown): CameraState => {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "none";
};

/**
 * Shows the camera in `video` and hands each frame to `look`, the next one only after the answer to the one before, so that a
 * slow phone falls behind in frames and never in time. `tell` hears how it went, and nothing of a camera that was stopped.
 */
export async function watch(video: HTMLVideoElement, look: (frame: ImageBitmap) => Promise<void>, tell: (state: CameraState) => void): Promise<void> {
  stop();
  const mine = turn;
  try {
    const opened = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
      audio: false,
    });
    if (turn !== mine) {
      for (const track of opened.getTracks()) track.stop();
      return;
    }
    stream = opened;
    // Another app took it, or it was unplugged: a picture that stands still would look like a camera that finds nothing.
    for (const track of opened.getTracks()) track.onended = () => turn === mine && tell("busy");
    video.srcObject = opened;
    video.muted = true;
    video.playsInline = true;
    await video.play();
  } catch (error) {
    if (turn !== mine) return;
    stop();
    tell(stateFor(error));
    return;
  }
  if (turn !== mine) return;
  const soon = (step: () => void): void => {
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(step);
    else requestAnimationFrame(step);
  };
  const step = async (): Promise<void> => {
    if (turn !== mine) return;
    try {
      if (video.readyState >= video.HAVE_CURRENT_DATA) await look(await createImageBitmap(video));
    } catch {
      // One frame that could not be read: the next one may be.
    }
    soon(() => void step());
  };
  soon(() => void step());
  tell("on");
}

export function stop(): void {
  turn += 1;
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
}
