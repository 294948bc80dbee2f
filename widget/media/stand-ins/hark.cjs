/** Stands in for `hark`, which kurento-utils only passes on. */
module.exports = () => {
  throw new Error('Speech detection is not part of this build.');
};
