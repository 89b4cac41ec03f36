import { nodeResolve } from "@rollup/plugin-node-resolve";

// A folder, not a file: the plain JavaScript that stands in where WebAssembly is refused is a chunk of its own.
export default { input: "src/main.js", output: { dir: "dist", format: "es" }, plugins: [nodeResolve({ browser: true })] };
