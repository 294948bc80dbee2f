/** Stands in for `sdp-translator`, which kurento-utils uses only with `multistream`. */
exports.Interop = class Interop {};
