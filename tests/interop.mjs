// `npm run interop`: the slow suites. Takes the same arguments as `npm test`.
import { debianMissing, fail, need, withPackagedNode } from "./setup.mjs";
import { mutants } from "./mutants.mjs";
import { missing as apereoMissing } from "./parts/apereo/install.mjs";
import { missing as tomcatMissing } from "./parts/java/install.mjs";
import { choose, files, nodeTest, runSuites } from "./test.mjs";

/** The needs that this machine can install. The tests of the others are skipped, with the reason. */
const possible = (needs) => Object.entries(needs).filter(([, missing]) => !missing).map(([name]) => name);

const suites = {
  bundlers: {
    needs: ["npm", "tests", "wasm", "chromium", "build:js"],
    commands: (filter) => [nodeTest(files("tests/interop/bundlers", ".test.mjs"), filter, 1)],
  },
  newcomer: {
    needs: ["npm", "tests", "chromium"],
    commands: (filter) => [nodeTest(files("tests/interop/newcomer", ".test.mjs"), filter, 1)],
  },
  gate: {
    needs: ["npm", "tests", "wasm", "build:worker"],
    commands: (filter) => [nodeTest(files("tests/interop/gate", ".test.mjs"), filter, 1)],
  },
  apps: {
    needs: [
      "npm", "tests", "wasm", "chromium", "venv:sites", "venv:plone", "venv:jupyter", "build:worker",
      ...possible({ tomcat: tomcatMissing(), "debian:php-cli": debianMissing("php-cli"), "debian:nginx-light": debianMissing("nginx-light") }),
    ],
    commands: (filter) => [nodeTest(files("tests/interop/apps", ".test.mjs"), filter, 1)],
  },
  cas: {
    needs: ["npm", "tests", "wasm", "chromium", "build:worker"],
    commands: (filter) => (apereoMissing() ? (console.log(`left out: ${apereoMissing()}`), []) : [nodeTest(files("tests/interop/cas", ".test.mjs"), filter, 1)]),
  },
  fuzz: {
    needs: ["npm", "rust"],
    commands: (filter) => [nodeTest(files("tests/interop/fuzz", ".test.mjs"), filter, 1)],
  },
  mutants: { byHand: true, needs: ["rust", "mutants"], commands: mutants },
};

try {
  await withPackagedNode();
  await need("npm");
  const { names, filter, env } = choose(suites, process.argv.slice(2));
  process.exitCode = (await runSuites(suites, names, filter, env)) ? 0 : 1;
} catch (error) {
  fail(error);
}
