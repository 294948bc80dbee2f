/** Stands in for the screen sharing extensions of browsers long gone; `getDisplayMedia` does it. */
module.exports = {};
