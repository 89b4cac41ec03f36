// What a server pays for a request: its processor time, asked by a client in a process of its own. Time on the clock would
// measure the client.
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";

const TICK_MS = 10; // Linux counts processor time in hundredths of a second

/** User and system time of some processes so far, in milliseconds. */
export function processorMs(...pids) {
  const one = (pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return Number(fields[11]) + Number(fields[12]);
  };
  return pids.reduce((sum, pid) => sum + one(pid), 0) * TICK_MS;
}

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
export const quantile = (numbers, part) => numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * part))];

/** `work(n)` for each n below `count`, so many at once. */
export async function each(count, atOnce, work) {
  let next = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < count) await work(next++);
  }));
}

/** A client with kept connections. `ask(address, headers, path)` is done when the whole answer came, and fails at any status but 200. */
export function client(atOnce) {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  return {
    ask: (address, headers, path = "/page?x=1", wanted = 200) =>
      new Promise((done, broken) => {
        const { hostname, port } = new URL(address);
        const outgoing = request({ agent, host: hostname, port, path, headers }, (answer) => {
          let length = 0;
          answer.on("data", (chunk) => (length += chunk.length)).on("error", broken);
          answer.on("end", () => (answer.statusCode === wanted ? done(length) : broken(new Error(`${path}: ${answer.statusCode}`))));
        });
        outgoing.on("error", broken).end();
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/**
 * Asks servers in turns, `requests` a turn, and returns for each the processor time of a request in microseconds, of all rounds.
 *
 * @param {Record<string, { pids: () => number[], ask: () => Promise<unknown> }>} servers
 */
export async function race(servers, { rounds, requests, atOnce }) {
  const names = Object.keys(servers);
  const micros = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      const { pids, ask } = servers[name];
      const before = processorMs(...pids());
      await each(requests, atOnce, ask);
      if (round >= 0) micros[name].push(((processorMs(...pids()) - before) * 1000) / requests); // the first turn warms up
    }
  }
  return micros;
}

/** A line of a table: whether a number is within its goal. */
export const row = (reached, what) => `${reached ? "reached    " : "NOT reached"} ${what}`;
