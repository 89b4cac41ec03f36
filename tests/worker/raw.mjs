// HTTP/1.1 over raw sockets, with one character for each byte. Node's own client and server would change some requests and answers.
import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Reads messages from a socket: the start line, the headers, and the body without its framing. Bytes are Latin-1 characters. */
class Reader {
  #text = "";
  #ended = false;
  #wake = () => {};
  constructor(socket) {
    socket.setEncoding("latin1");
    socket.on("data", (chunk) => ((this.#text += chunk), this.#wake()));
    for (const event of ["end", "close", "error"]) socket.on(event, () => ((this.#ended = true), this.#wake()));
  }
  get rest() {
    return this.#text;
  }
  get ended() {
    return this.#ended;
  }
  async until(found) {
    for (;;) {
      const at = found(this.#text);
      if (at >= 0) {
        const taken = this.#text.slice(0, at);
        this.#text = this.#text.slice(at);
        return taken;
      }
      if (this.#ended) return undefined;
      await new Promise((done) => (this.#wake = done));
    }
  }
  async head() {
    const text = await this.until((all) => (all.includes("\r\n\r\n") ? all.indexOf("\r\n\r\n") + 4 : -1));
    if (text === undefined) return undefined;
    const [start, ...lines] = text.slice(0, -4).split("\r\n");
    const headers = lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]);
    return { start, headers, get: (name) => headers.find(([known]) => known === name)?.[1] };
  }
  async body(head, { bodiless = false, untilEnd = false } = {}) {
    if (bodiless) return "";
    if (/chunked/i.test(head.get("transfer-encoding") ?? "")) {
      let body = "";
      for (;;) {
        const line = await this.until((all) => (all.includes("\r\n") ? all.indexOf("\r\n") + 2 : -1));
        const size = Number.parseInt(line, 16);
        const chunk = await this.until((all) => (all.length >= size + 2 ? size + 2 : -1));
        if (!(size > 0) || chunk === undefined) return body;
        body += chunk.slice(0, size);
      }
    }
    const length = head.get("content-length");
    if (length !== undefined) return (await this.until((all) => (all.length >= Number(length) ? Number(length) : -1))) ?? this.#text;
    if (!untilEnd) return "";
    while (!this.#ended) await new Promise((done) => (this.#wake = done));
    return this.#text;
  }
}

/**
 * Sends one request and reads the answer. The caller gives the request line and every header, also `Host` and the framing.
 *
 * @param {string} url where the server listens
 * @param {string[]} lines the request line without its version, then the headers
 * @param {string | { chunks: string[] }} [body]
 */
export async function ask(url, lines, body) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname === "localhost" ? "127.0.0.1" : hostname, port });
  await once(socket, "connect");
  const [first, ...headers] = lines;
  const framed = typeof body === "object" ? body.chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("") + "0\r\n\r\n" : (body ?? "");
  socket.write(Buffer.from(`${[`${first} HTTP/1.1`, ...headers].join("\r\n")}\r\n\r\n${framed}`, "latin1"));
  const reader = new Reader(socket);
  const head = await reader.head();
  if (!head) throw new Error(`no answer to ${first.split("?")[0]}`);
  const status = Number(head.start.split(" ")[1]);
  const answer = { ...head, status, socket, reader, all: (name) => head.headers.filter(([known]) => known === name).map(([, value]) => value) };
  // An answer that stays open is left for the test to read and to close.
  if (status === 101 || /event-stream/.test(head.get("content-type") ?? "")) return answer;
  answer.body = await reader.body(head, { bodiless: first.startsWith("HEAD ") || status === 304 || status === 204, untilEnd: true });
  socket.destroy();
  return answer;
}

/**
 * An app that records each request byte for byte, and answers with `answerOf(request)`: raw bytes, or a function that gets the
 * socket, for an answer that stays open.
 */
export async function rawApp(answerOf) {
  const seen = [];
  const sockets = new Set();
  const server = createServer(async (socket) => {
    sockets.add(socket.once("close", () => sockets.delete(socket)));
    socket.on("error", () => undefined);
    const reader = new Reader(socket);
    for (let head; (head = await reader.head()); ) {
      const [method, target] = head.start.split(" ");
      const body = await reader.body(head);
      const request = { method, target, ...head, body };
      seen.push(request);
      const answer = answerOf(request);
      if (typeof answer === "function") return answer(socket, reader);
      socket.write(Buffer.from(answer, "latin1"));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    seen,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((done) => server.close(done));
    },
  };
}
