import type { Page } from 'playwright-core';

/**
 * The floor of this machine: two bare peer connections in the page itself, signaled by function calls, with a camera
 * that is open already.
 *
 * @param page one that may use the camera
 * @returns milliseconds from the first offer to the second picture that the other connection shows
 */
export function measureBareConnection(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const camera = await navigator.mediaDevices.getUserMedia({ video: true });
    const sender = new RTCPeerConnection();
    const receiver = new RTCPeerConnection();
    sender.onicecandidate = ({ candidate }) => void receiver.addIceCandidate(candidate ?? undefined);
    receiver.onicecandidate = ({ candidate }) => void sender.addIceCandidate(candidate ?? undefined);
    const video = document.createElement('video');
    video.muted = true;
    document.body.append(video);
    receiver.ontrack = ({ track }) => {
      video.srcObject = new MediaStream([track]);
      void video.play();
    };
    const moving = new Promise<number>((resolve) => {
      video.requestVideoFrameCallback(() =>
        video.requestVideoFrameCallback(() => resolve(performance.now())),
      );
    });
    const began = performance.now();
    for (const track of camera.getTracks()) sender.addTrack(track, camera);
    await sender.setLocalDescription();
    await receiver.setRemoteDescription(sender.localDescription as RTCSessionDescription);
    await receiver.setLocalDescription();
    await sender.setRemoteDescription(receiver.localDescription as RTCSessionDescription);
    const elapsed = (await moving) - began;
    sender.close();
    receiver.close();
    for (const track of camera.getTracks()) track.stop();
    video.remove();
    return elapsed;
  });
}
