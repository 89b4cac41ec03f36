// `npm run interop`: the slow real parts. Takes the same words as `npm test`.
import { fail, need, withPackagedNode } from "./setup.mjs";
import { mutants } from "./mutants.mjs";
import { choose, files, nodeTest, runRooms } from "./test.mjs";

const rooms = {
  bundlers: {
    needs: ["npm", "tests", "wasm", "chromium", "build:js"],
    commands: (filter) => [nodeTest(files("tests/interop/bundlers", ".test.mjs"), filter, 1)],
  },
  newcomer: {
    needs: ["npm", "tests", "chromium"],
    commands: (filter) => [nodeTest(files("tests/interop/newcomer", ".test.mjs"), filter, 1)],
  },
  apps: {
    needs: ["npm", "tests", "wasm", "chromium", "build:worker"],
    commands: (filter) => [nodeTest(files("tests/interop/apps", ".test.mjs"), filter, 1)],
  },
  mutants: { byHand: true, needs: ["rust", "mutants"], commands: mutants },
};

try {
  await withPackagedNode();
  await need("npm");
  const { names, filter, env } = choose(rooms, process.argv.slice(2));
  process.exitCode = (await runRooms(rooms, names, filter, env)) ? 0 : 1;
} catch (error) {
  fail(error);
}
