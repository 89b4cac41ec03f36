import { after, before } from "node:test";

/**
 * Starts several parts at once and hands each to a stack that ends them; when one cannot start, none is left running.
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
 * What all tests of a file or of a `describe` use: begun before the first, ended after the last. Where a name filter leaves
 * no test, Node runs `after` while `before` is still at work, so the end waits for the beginning.
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
