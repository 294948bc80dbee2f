/**
 * Lets the user pick a screen to share.
 * @returns its picture; undefined if the user closed the picker
 */
export async function openScreen(): Promise<MediaStreamTrack | undefined> {
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: false });
  } catch {
    return undefined;
  }
  const [track] = stream.getVideoTracks();
  // Text must stay sharp; smooth motion matters less.
  if (track) track.contentHint = 'detail';
  return track;
}
