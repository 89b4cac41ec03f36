import { nodeResolve } from "@rollup/plugin-node-resolve";

// One file: `portcullis` imports nothing later on.
export default { input: "src/main.js", output: { file: "dist/main.js", format: "es" }, plugins: [nodeResolve({ browser: true })] };
