export class PortcullisError extends Error {
  constructor(code, message) {
    super(message);
    this.name = "PortcullisError";
    this.code = code;
  }
  // Errors of every entry, of the CommonJS twin and of another frame are the same kind of thing.
  static [Symbol.hasInstance](value) {
    return Object.prototype.toString.call(value) === "[object Error]" && value.name === "PortcullisError";
  }
}
