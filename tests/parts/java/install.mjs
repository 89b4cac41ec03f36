// Tomcat's jars, once, by Maven, into `target/setup`; and our Java beside them, compiled.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { Trouble, hash, need, onPath, once, root, run, setupDir } from "../../setup.mjs";

const pom = join(root, "tests", "parts", "java", "pom.xml");

/** The folder of Tomcat's jars. */
export const jars = () => join(setupDir, `tomcat-${hash(readFileSync(pom, "utf8"))}`);

/** Why this machine cannot run it, in one line; nothing where it can. */
export function missing() {
  if (!onPath("java") || !onPath("javac")) return "the servlet app needs a Java 17 development kit (Debian: apt-get install openjdk-17-jdk-headless)";
  if (!onPath("mvn")) return "Tomcat comes by Maven (Debian: apt-get install maven)";
}

export async function install() {
  const reason = missing();
  if (reason) throw new Trouble(reason, "The tests without it: npm test");
  const folder = jars();
  await once("tomcat", hash(folder), "Tomcat", () => existsSync(folder), async () => {
    rmSync(folder, { recursive: true, force: true });
    await run("mvn", ["-B", "-q", "-f", pom, "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies", `-DoutputDirectory=${folder}`], { log: "maven.log" });
  });
}

/** Compiles source files against Tomcat into a folder; gives the class path. */
export async function compile(sources, folder) {
  await need("tomcat");
  mkdirSync(folder, { recursive: true });
  await run("javac", ["-nowarn", "-d", folder, "-cp", join(jars(), "*"), ...sources], { log: "javac.log", quiet: true });
  return [folder, join(jars(), "*")].join(":");
}
