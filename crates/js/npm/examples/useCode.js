// A hook for React and Preact: the present code of an account, renewed when it changes and not before.
//   import { useCode } from "./useCode.js";
//   function Row({ account }) {
//     const { text, secondsLeft } = useCode(account);
//     return <li>{account.issuer} <output>{text}</output> <small>{secondsLeft} s</small></li>;
//   }
// The first drawing looks at no clock and shows an empty text: the page that a server made and the one that hydrates it are
// the same. With Preact, import from "preact/hooks" instead.
import { useEffect, useState } from "react";

import { code } from "portcullis";

export function useCode(account, clock = Date.now) {
  const [nowMs, setNow] = useState(null);
  const { text, validUntilMs } = nowMs === null ? { text: "" } : code(account, nowMs);
  const secondsLeft = validUntilMs && Math.max(0, Math.ceil((validUntilMs - nowMs) / 1000));
  useEffect(() => {
    if (nowMs === null) return setNow(clock());
    if (!validUntilMs) return; // A counter's code stays until it is used.
    // To the next whole second before the end: the countdown and the code change together.
    const timer = setTimeout(() => setNow(clock()), (validUntilMs - clock()) % 1000 || 1000);
    return () => clearTimeout(timer);
  }, [nowMs, validUntilMs, clock]);
  return { text, secondsLeft };
}
