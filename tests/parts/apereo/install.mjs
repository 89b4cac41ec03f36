// Fetches Apereo CAS's jars once, by Maven, into `target/setup`.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { Trouble, hash, onPath, once, root, run, setupDir } from "../../setup.mjs";

const JAVA_HOMES = ["/usr/lib/jvm/java-17-openjdk-amd64", "/usr/lib/jvm/java-17-openjdk-arm64", "/usr/lib/jvm/java-17"];
const here = join(root, "tests", "parts", "apereo");

/** Java 17's interpreter: `JAVA17`, or where Debian puts it. */
export const javaPath = () => process.env.JAVA17 ?? JAVA_HOMES.map((home) => join(home, "bin", "java")).find((path) => existsSync(path));

/** The folder with the jars: `lib` and `war` for the server, and one for each module. */
export const jars = () => join(setupDir, `apereo-${hash(readFileSync(join(here, "pom.xml"), "utf8"))}`);

/** Why this machine cannot run it, in one line; nothing where it can. */
export function missing() {
  if (!javaPath()) return "Apereo CAS needs Java 17 (Debian: apt-get install openjdk-17-jre-headless)";
  if (!onPath("mvn")) return "Apereo CAS comes by Maven (Debian: apt-get install maven)";
}

export async function install() {
  const reason = missing();
  if (reason) throw new Trouble(reason, "The tests without it: npm test");
  const folder = jars();
  await once("apereo", hash(folder), "Apereo CAS", () => existsSync(join(folder, "lib")), async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, "none"), { recursive: true });
    for (const file of ["pom.xml", "settings.xml"]) copyFileSync(join(here, file), join(folder, file));
    await run("mvn", ["-B", "-q", "-s", join(folder, "settings.xml"), "-f", join(folder, "pom.xml"), "package"], {
      log: "maven.log",
      env: { PORTCULLIS_NO_REPOSITORY: join(folder, "none") },
    });
  });
}
