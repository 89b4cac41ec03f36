/** @jest-environment jsdom */
require("./code.shared.js")();
