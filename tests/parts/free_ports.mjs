// Free ports for programs that do not accept port 0. They are below 32768, because Linux takes the ports of outgoing connections
// from 32768 up.
import { once } from "node:events";
import { createServer } from "node:net";

/** The first of `many` consecutive ports that are free now. */
export async function freePorts(many) {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 12_000);
    const servers = [];
    try {
      for (let port = first; port < first + many; port++) {
        const server = createServer().listen(port, "127.0.0.1");
        servers.push(server);
        await once(server, "listening");
      }
      return first;
    } catch (error) {
      if (error.code !== "EADDRINUSE") throw error;
    } finally {
      for (const server of servers) server.close();
    }
  }
}
