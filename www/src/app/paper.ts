// A sheet of paper as a page of its own: for devices that cannot print, and for whoever prints elsewhere.
import type { Drawn } from "./movingTypes.ts";

const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** The whole page; it loads nothing and runs nothing. */
export function page(codes: Drawn[], address: string, nowMs: number): string {
  const items = codes.map(({ svg, title, below }) => `<li>${svg}<b>${escaped(title)}</b><span>${escaped(below)}</span></li>`);
  return [
    "<!doctype html>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    "<title>Portcullis</title>",
    "<style>body{font:14px/20px system-ui;margin:24px;background:#fff;color:#000}ul{display:grid;grid-template-columns:repeat(3,1fr);gap:24px;padding:0;list-style:none}li{display:grid;break-inside:avoid;overflow-wrap:anywhere}svg{width:100%}</style>",
    `<p>Portcullis · ${escaped(address)} · ${new Date(nowMs).toISOString().slice(0, 10)} · ${codes.length}</p>`,
    `<ul>${items.join("")}</ul>`,
  ].join("\n");
}
