/**
 * Whether an RTP payload begins a key frame.
 * @param payload the packet's bytes, `start` and `end` the payload's place in it
 */
export type KeyFrameTest = (payload: Uint8Array, start: number, end: number) => boolean;

/** VP8 payload descriptor and header (RFC 7741, section 4). */
export function startsVp8KeyFrame(payload: Uint8Array, start: number, end: number): boolean {
  if (start >= end) return false;
  const descriptor = payload[start] as number;
  const startOfFirstPartition = (descriptor & 0x17) === 0x10;
  if (!startOfFirstPartition) return false;
  let at = start + 1;
  if (descriptor & 0x80) {
    if (at >= end) return false;
    const extension = payload[at++] as number;
    if (extension & 0x80) {
      if (at >= end) return false;
      at += (payload[at] as number) & 0x80 ? 2 : 1;
    }
    if (extension & 0x40) at++;
    if (extension & 0x30) at++;
  }
  return at < end && ((payload[at] as number) & 1) === 0;
}

const IDR = 5;
const SPS = 7;
const STAP_A = 24;
const FU_A = 28;

/** H.264 NAL units: single, aggregated (STAP-A) and fragmented (FU-A) (RFC 6184). */
export function startsH264KeyFrame(payload: Uint8Array, start: number, end: number): boolean {
  if (start >= end) return false;
  const type = (payload[start] as number) & 0x1f;
  if (type === FU_A) {
    if (start + 1 >= end) return false;
    const header = payload[start + 1] as number;
    return (header & 0x80) !== 0 && isKey(header & 0x1f);
  }
  if (type !== STAP_A) return isKey(type);
  for (let at = start + 1; at + 2 < end;) {
    const size = ((payload[at] as number) << 8) | (payload[at + 1] as number);
    if (size === 0 || at + 2 + size > end) return false;
    if (isKey((payload[at + 2] as number) & 0x1f)) return true;
    at += 2 + size;
  }
  return false;
}

function isKey(type: number): boolean {
  return type === IDR || type === SPS;
}

/** The test for a codec by its name in lower case; audio needs none, every packet will do. */
export function keyFrameTest(codecName: string): KeyFrameTest {
  if (codecName === 'vp8') return startsVp8KeyFrame;
  if (codecName === 'h264') return startsH264KeyFrame;
  return () => true;
}
