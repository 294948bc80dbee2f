/** The part of kurento-utils 7.3 that the widget uses. */
declare module 'kurento-utils' {
  type Done = (error?: unknown) => void;

  interface WebRtcPeerOptions {
    peerConnection: RTCPeerConnection;
    mediaConstraints: { audio: boolean; video: boolean };
    onicecandidate: (candidate: RTCIceCandidate) => void;
  }

  class WebRtcPeerRecvonly {
    constructor(options: WebRtcPeerOptions, ready: Done);
    generateOffer(done: (error: unknown, sdpOffer: string) => void): void;
    processAnswer(sdpAnswer: string, done: Done): void;
    addIceCandidate(candidate: RTCIceCandidateInit, done: Done): void;
    removeAllListeners(): void;
  }

  export const WebRtcPeer: { WebRtcPeerRecvonly: typeof WebRtcPeerRecvonly };
}
