// Reads the rows of the given folders of vectors, for `run` of run.mjs: { otp: { totp: [row, …], … }, … }.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Files that only the authenticator's tests read. */
const OTHERS = new Set(["links/pasted.json"]);

export const load = (...subjects) =>
  Object.fromEntries(
    subjects.map((subject) => {
      const folder = join(import.meta.dirname, subject);
      const files = readdirSync(folder).filter((name) => name.endsWith(".json") && !OTHERS.has(`${subject}/${name}`)).sort();
      return [subject, Object.fromEntries(files.map((name) => [name.slice(0, -5), JSON.parse(readFileSync(join(folder, name), "utf8"))]))];
    }),
  );
