/**
 * Runs what may throw because it reaches code of the page's: listeners, adapters, the browser. An exception, or the
 * rejection of a promise it returns, is reported as the browser reports uncaught ones, and harms nothing else.
 */
export function guarded(run: () => unknown): void {
  try {
    const result = run();
    if (result instanceof Promise) result.catch(reportError);
  } catch (error) {
    reportError(error);
  }
}
