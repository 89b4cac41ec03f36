"use client";
import { useEffect, useState } from "react";
import { code } from "portcullis";
import { useCode } from "./useCode.js";

export function ClientCode({ account }) {
  const [text, setText] = useState("");
  useEffect(() => setText(code(account, 59_000).text), [account]);
  return <p id="client">{text}</p>;
}

/** By the real clock, which is another at the server and in the page. */
export function LiveCode({ account }) {
  const { text, secondsLeft } = useCode(account);
  return <p id="live">{text} <small>{secondsLeft}</small></p>;
}
