"use client";
import { useEffect, useState } from "react";
import { code } from "portcullis";

export function ClientCode({ account }) {
  const [text, setText] = useState("");
  useEffect(() => setText(code(account, 59_000).text), [account]);
  return <p id="client">{text}</p>;
}
