// WebSockets by bare sockets (RFC 6455): both ends in the hand of a test, which may also stop reading.
import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";

const MASK = Buffer.from([1, 2, 3, 4]);
export const TEXT = 1;
export const BYTES = 2;
const CLOSE = 8;

/** One end. Messages come whole: the gate sends no fragments. */
export class End {
  #socket;
  #masks;
  #rest;
  #got = [];
  #wake = () => {};
  ended = false;
  received = 0;

  constructor(socket, masks, rest = Buffer.alloc(0)) {
    this.#socket = socket;
    this.#masks = masks;
    this.#rest = rest;
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => this.#take(chunk));
    for (const event of ["end", "close"]) socket.on(event, () => ((this.ended = true), this.#wake()));
    this.#take(Buffer.alloc(0));
  }

  #take(chunk) {
    this.received += chunk.length;
    let bytes = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      if (bytes.length < 2) break;
      const short = bytes[1] & 127;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      const masked = bytes[1] & 128 ? 4 : 0;
      if (bytes.length < head + masked) break;
      const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
      if (bytes.length < head + masked + length) break;
      const mask = bytes.subarray(head, head + masked);
      const data = Buffer.from(bytes.subarray(head + masked, head + masked + length));
      if (masked) for (let at = 0; at < length; at++) data[at] ^= mask[at % 4];
      this.#got.push({ kind: bytes[0] & 15, data });
      bytes = bytes.subarray(head + masked + length);
    }
    this.#rest = bytes;
    this.#wake();
  }

  /** The next message as `{ kind, data }`, or a close as `{ code, reason }`; `undefined` after the end. */
  async next() {
    while (!this.#got.length && !this.ended) await new Promise((done) => (this.#wake = done));
    const frame = this.#got.shift();
    if (frame?.kind !== CLOSE) return frame;
    return { code: frame.data.length ? frame.data.readUInt16BE(0) : 1005, reason: frame.data.subarray(2).toString() };
  }

  #write(kind, data) {
    const long = data.length > 65_535;
    const head = Buffer.alloc(long ? 10 : data.length > 125 ? 4 : 2);
    head[0] = 0x80 | kind;
    head[1] = (this.#masks ? 0x80 : 0) | (long ? 127 : data.length > 125 ? 126 : data.length);
    if (long) head.writeBigUInt64BE(BigInt(data.length), 2);
    else if (data.length > 125) head.writeUInt16BE(data.length, 2);
    const body = this.#masks ? Buffer.from(data.map((byte, at) => byte ^ MASK[at % 4])) : data;
    return this.#socket.write(Buffer.concat(this.#masks ? [head, MASK, body] : [head, body]));
  }

  send(data) {
    return typeof data === "string" ? this.#write(TEXT, Buffer.from(data)) : this.#write(BYTES, data);
  }

  close(code, reason = "") {
    const data = Buffer.alloc(code === undefined ? 0 : 2);
    if (code !== undefined) data.writeUInt16BE(code);
    this.#write(CLOSE, Buffer.concat([data, Buffer.from(reason)]));
  }

  /** Until what was sent has left this process. */
  drained() {
    return new Promise((done) => (this.#socket.writableLength ? this.#socket.once("drain", done) : done()));
  }

  pause() {
    this.#socket.pause();
  }

  destroy() {
    this.#socket.destroy();
  }
}

/** Opens a WebSocket at the gate: `{ head, end }`, without `end` where it is refused. */
export function open(gate, path, { cookie, protocol = "chat" } = {}) {
  const { port } = new URL(gate.address);
  const socket = connect(Number(port), "127.0.0.1");
  const headers = ["upgrade: websocket", "connection: Upgrade", "sec-websocket-version: 13", `sec-websocket-key: ${randomBytes(16).toString("base64")}`, `sec-websocket-protocol: ${protocol}`];
  if (cookie) headers.push(`cookie: ${cookie}`);
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${new URL(gate.url).host}\r\n${headers.join("\r\n")}\r\n\r\n`);
  return new Promise((done, broken) => {
    let seen = Buffer.alloc(0);
    const take = (chunk) => {
      seen = Buffer.concat([seen, chunk]);
      const at = seen.indexOf("\r\n\r\n");
      if (at < 0) return;
      socket.off("data", take);
      const head = seen.subarray(0, at).toString();
      done({ head, end: head.startsWith("HTTP/1.1 101") ? new End(socket, true, seen.subarray(at + 4)) : void socket.destroy() });
    };
    socket.once("error", broken).on("data", take);
  });
}

/** Has a server of Node's answer WebSockets: the app's ends, in the order in which they were opened. */
export function serve(server, take) {
  server.on("upgrade", (incoming, socket) => {
    const accept = createHash("sha1").update(`${incoming.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    const [protocol] = (incoming.headers["sec-websocket-protocol"] ?? "").split(",");
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n${protocol && `sec-websocket-protocol: ${protocol}\r\n`}\r\n`);
    take(new End(socket, false), incoming);
  });
}
