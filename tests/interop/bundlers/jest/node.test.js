/** @jest-environment node */
require("./code.shared.js")();
