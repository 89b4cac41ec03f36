// A proxy before a real server, so that a test can count requests, delay them or cut the connection without changing the server.
//   relay.seen                      every request: { method, path, query, body }
//   relay.count("/serviceValidate") how many requests had a path that contains this
//   relay.fault = (request) => "cut" | "hold" | undefined    what happens to a request; "hold" waits for `relay.release()`
import { createServer, request as forward } from "node:http";
import { once } from "node:events";

/** @param {string} target the server's base URL; the relay's `url` has the same path */
export async function start(target) {
  const behind = new URL(target);
  const part = { url: "", seen: [], fault: () => undefined, count: (path) => part.seen.filter((one) => one.path.includes(path)).length, release: () => {} };
  const held = new Promise((done) => (part.release = done));

  const server = createServer(async (request, response) => {
    const { pathname: path, search: query } = new URL(request.url, behind);
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const one = { method: request.method, path, query, body: body.toString("latin1") };
    part.seen.push(one);
    const fault = part.fault(one);
    if (fault === "cut") return request.socket.destroy();
    if (fault === "hold") await held;
    // The Host header stays, because the server builds its own addresses from it.
    const onward = forward({ host: behind.hostname, port: behind.port, method: request.method, path: request.url, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.statusMessage, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    onward.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  part.url = `http://127.0.0.1:${server.address().port}${behind.pathname.replace(/\/$/, "")}`;
  part.logs = () => part.seen.map(({ method, path }) => `${method} ${path}`).join("\n");
  part[Symbol.asyncDispose] = async () => {
    part.release();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return part;
}
