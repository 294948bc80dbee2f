import type { Media, MediaFlags } from '../../protocol/index.ts';
import type { DeviceState } from '../session/terms.ts';
import type * as ScreenSharing from './screen.ts';
import { openDevice, openDevices, type DeviceAccess, type Opened } from './devices.ts';

/** Screen sharing is loaded once there is somebody to share with. */
let screenSharing: typeof ScreenSharing | undefined;

/** One's own microphone, camera and screen during one call. */
export class LocalMedia {
  readonly #access: DeviceAccess;
  readonly #changed: () => void;
  #audio: Opened = { state: 'opening' };
  #video: Opened = { state: 'opening' };
  #screen: MediaStreamTrack | undefined;
  #preview: MediaStream | undefined;
  #paused = false;
  #closed = false;

  /**
   * @param changed is called after anything the user sees or the other side gets has changed
   */
  constructor(access: DeviceAccess, changed: () => void) {
    this.#access = access;
    this.#changed = changed;
  }

  get microphone(): DeviceState {
    return this.#audio.state;
  }

  get camera(): DeviceState {
    return this.#video.state;
  }

  get sharing(): boolean {
    return this.#screen !== undefined;
  }

  /** What the other side hears and sees. */
  get flags(): MediaFlags {
    return {
      audio: this.microphone === 'on',
      video: this.camera === 'on' || this.sharing,
      screen: this.sharing,
    };
  }

  /** Whether it is known what goes out: no device is just being opened. */
  get settled(): boolean {
    return this.microphone !== 'opening' && this.camera !== 'opening';
  }

  /** One's own picture, if there is one. */
  get preview(): MediaStream | undefined {
    return this.#preview;
  }

  /** What goes out. */
  get tracks(): { readonly audio: MediaStreamTrack | null; readonly video: MediaStreamTrack | null } {
    return { audio: this.#audio.track ?? null, video: this.#screen ?? this.#video.track ?? null };
  }

  /**
   * Opens the devices of a call.
   * @throws DevicesRefused
   */
  async open(media: Media): Promise<void> {
    const { audio, video } = await openDevices(this.#access, media);
    this.#take('audio', audio);
    this.#take('video', video);
    this.#update();
  }

  /** The devices may not be used, while the call goes on. */
  refuse(): void {
    this.#audio = { state: 'denied' };
    this.#video = { state: 'denied' };
    this.#update();
  }

  /** Muting keeps the device open, so that unmuting is instant. */
  async toggleMicrophone(): Promise<void> {
    const { track, state } = this.#audio;
    if (state === 'opening') return;
    if (!track) return this.#reopen('audio');
    this.#audio = { track, state: state === 'on' ? 'off' : 'on' };
    this.#update();
  }

  /** Switching off closes the camera, so that its light goes out. */
  async toggleCamera(): Promise<void> {
    const { track, state } = this.#video;
    if (state === 'opening') return;
    if (!track) return this.#reopen('video');
    track.stop();
    this.#video = { state: 'off' };
    this.#update();
  }

  /** Loads what sharing needs: some browsers open the picker only in the click itself. */
  async prepareScreen(): Promise<void> {
    screenSharing ??= await import('./screen.ts');
  }

  /** Shows the screen instead of the camera, or stops doing so. Closing the picker changes nothing. */
  async toggleScreen(): Promise<void> {
    if (this.#screen) return this.#stopScreen();
    const { openScreen } = screenSharing ?? (await import('./screen.ts'));
    const track = await openScreen();
    if (!track || this.#closed) return track?.stop();
    track.onended = () => this.#stopScreen();
    this.#screen = track;
    this.#update();
  }

  /** Nothing is sent while nobody can say whether the call still exists. */
  pause(paused: boolean): void {
    this.#paused = paused;
    this.#applyEnabled();
  }

  close(): void {
    this.#closed = true;
    for (const track of [this.#audio.track, this.#video.track, this.#screen]) stop(track);
    this.#audio = this.#video = { state: 'off' };
    this.#screen = this.#preview = undefined;
  }

  #stopScreen(): void {
    stop(this.#screen);
    this.#screen = undefined;
    this.#update();
  }

  async #reopen(kind: 'audio' | 'video'): Promise<void> {
    this.#set(kind, { state: 'opening' });
    this.#changed();
    this.#take(kind, await openDevice(this.#access, kind));
    this.#update();
  }

  #take(kind: 'audio' | 'video', opened: Opened): void {
    const { track } = opened;
    if (this.#closed) return stop(track);
    // Pulled out, or taken by the system: the next device of its kind takes over.
    if (track) track.onended = () => void this.#reopen(kind);
    this.#set(kind, opened);
  }

  #set(kind: 'audio' | 'video', opened: Opened): void {
    if (kind === 'audio') this.#audio = opened;
    else this.#video = opened;
  }

  #update(): void {
    if (this.#closed) return;
    this.#applyEnabled();
    const { video } = this.tracks;
    if (this.#preview?.getVideoTracks()[0] !== (video ?? undefined)) {
      this.#preview = video ? new MediaStream([video]) : undefined;
    }
    this.#changed();
  }

  #applyEnabled(): void {
    if (this.#audio.track) this.#audio.track.enabled = this.#audio.state === 'on' && !this.#paused;
    for (const track of [this.#video.track, this.#screen]) if (track) track.enabled = !this.#paused;
  }
}

function stop(track: MediaStreamTrack | undefined): void {
  if (!track) return;
  track.onended = null;
  track.stop();
}
