import { after, before } from "node:test";

/**
 * Starts several parts at once and adds each to a stack that stops them. When one cannot start, the others are stopped too.
 *
 * @param {AsyncDisposableStack} stack
 * @param {...Promise<AsyncDisposable>} starting
 */
export async function together(stack, ...starting) {
  const outcomes = await Promise.allSettled(starting);
  for (const { value } of outcomes) if (value) stack.use(value);
  const failed = outcomes.find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
  return outcomes.map(({ value }) => value);
}

/**
 * Starts what all tests of a file or of a `describe` share before the first test, and stops it after the last. When a name filter
 * leaves no test, Node runs `after` while `before` still runs, so `after` waits for it.
 *
 * @param {(stack: AsyncDisposableStack) => Promise<unknown>} begin
 */
export function shared(begin) {
  const stack = new AsyncDisposableStack();
  let begun;
  before(() => (begun = begin(stack)));
  after(async () => {
    await begun?.catch(() => undefined);
    await stack.disposeAsync();
  });
}
