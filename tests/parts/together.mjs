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
