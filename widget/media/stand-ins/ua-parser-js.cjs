/**
 * Stands in for `ua-parser-js`: kurento-utils asks only whether this is Chrome or Chromium, and uses the answer
 * only for Plan B and its simulcast, which are off here.
 */
module.exports = class UAParser {
  getBrowser() {
    return { name: undefined };
  }
};
