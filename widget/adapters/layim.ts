import type { Media } from '../../protocol/index.ts';
import type { Identity } from '../signaling/credentials.ts';
import type { ChatAdapter, ChatRecord, ChatRequests } from './chat.ts';
import { findLayim, type FoundLayim, type LayimMine } from './layim-page.ts';
import { targetOf } from './layim-target.ts';
import { escapeForLayim } from './layim-text.ts';

/** How often the page is looked at for LayIM: at first, and once it has taken its time, in milliseconds. */
const EAGER_POLL_MS = 50;
const PATIENT_POLL_MS = 1_000;
const EAGER_POLLS = 200;
/** A page that has not shown LayIM and its user after this many looks (about ten minutes) never will. */
const POLL_LIMIT = 800;

/** Toolbar aliases that stand for a call without pictures. */
const AUDIO_ALIAS = /audio|voice/i;

/** How the adapter is set up. */
export interface LayimOptions {
  /** The toolbar's aliases that start a call. */
  readonly tools: readonly string[];
  readonly requests: ChatRequests;
  /** @default window */
  readonly page?: Window;
}

/**
 * Connects a page's LayIM (PC or mobile): its user, its toolbar's call buttons, and call records in its chats.
 * It waits for LayIM to appear and never loads it.
 */
export class LayimAdapter implements ChatAdapter {
  readonly #tools: ReadonlySet<string>;
  readonly #requests: ChatRequests;
  readonly #page: Window;
  readonly #disposed = new AbortController();
  readonly #identity: Promise<Identity>;
  #resolveIdentity!: (identity: Identity) => void;
  #found: FoundLayim | undefined;
  #polls = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #scrolled = false;

  constructor({ tools, requests, page = window }: LayimOptions) {
    this.#tools = new Set(tools);
    this.#requests = requests;
    this.#page = page;
    this.#identity = new Promise((resolve) => (this.#resolveIdentity = resolve));
    this.#look();
  }

  identity(): Promise<Identity> {
    return this.#identity;
  }

  /** Shows a system line, only where that chat's tab exists: otherwise LayIM would queue it as unread. */
  record(record: ChatRecord): void {
    if (!this.#found || !this.#isOpen(record, this.#found)) return;
    this.#found.layim.getMessage({
      system: true,
      id: record.id,
      type: record.type,
      username: escapeForLayim(record.name),
      avatar: escapeForLayim(record.avatar),
      content: escapeForLayim(record.text),
    });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#disposed.abort();
  }

  #isOpen({ type, id }: ChatRecord, { layim, mobile }: FoundLayim): boolean {
    if (!mobile)
      return this.#page.document.querySelector(`.${CSS.escape(`layim-chatlist-${type}${id}`)}`) !== null;
    const chat = layim.thisChat?.()?.data;
    return chat?.type === type && String(chat.id) === id;
  }

  #look(): void {
    if (!this.#found) {
      this.#found = findLayim(this.#page);
      if (this.#found) this.#attach(this.#found);
    }
    if (this.#found && this.#takeIdentity(this.#found)) return;
    this.#polls += 1;
    if (this.#polls > POLL_LIMIT) return;
    const pauseMs = this.#polls < EAGER_POLLS ? EAGER_POLL_MS : PATIENT_POLL_MS;
    this.#timer = setTimeout(() => this.#look(), pauseMs);
  }

  /** `ready` may have fired before anybody could listen, so the cache is looked at first. */
  #takeIdentity({ layim }: FoundLayim): boolean {
    const mine: LayimMine | undefined = layim.cache()?.mine;
    if (mine?.id === undefined || mine.id === '') return false;
    this.#resolveIdentity({
      id: String(mine.id),
      name: mine.username ?? String(mine.id),
      avatar: mine.avatar ?? '',
    });
    clearTimeout(this.#timer);
    return true;
  }

  #attach(found: FoundLayim): void {
    const { document } = this.#page;
    const options = { capture: true, signal: this.#disposed.signal };
    const passive = { ...options, passive: true };
    found.layim.on('ready', () => {
      if (!this.#disposed.signal.aborted) this.#takeIdentity(found);
    });
    document.addEventListener(found.press, (event) => this.#pressed(event, found), options);
    document.addEventListener('touchstart', () => (this.#scrolled = false), passive);
    document.addEventListener('touchmove', () => (this.#scrolled = true), passive);
    for (const type of ['pointerover', 'focusin', 'touchstart']) {
      document.addEventListener(type, (event) => this.#buttonOf(event) && this.#requests.prefetch(), passive);
    }
  }

  /** Comes before LayIM's own delegated listener, and keeps the page's old handler of this button from running. */
  #pressed(event: Event, { layim }: FoundLayim): void {
    const button = this.#buttonOf(event);
    if (!button || (event.type === 'touchend' && this.#scrolled)) return;
    event.stopImmediatePropagation();
    if (event.cancelable) event.preventDefault();
    const target = targetOf(button, layim);
    if (target) this.#requests.call(target, mediaOf(button));
  }

  #buttonOf(event: Event): Element | undefined {
    const { target } = event;
    // `isVideo: true` draws a second video button, which asks for a film's address: only `extend` is a tool's.
    const button =
      target instanceof Element ? target.closest('[layim-event="extend"][lay-filter]') : undefined;
    return button && this.#tools.has(button.getAttribute('lay-filter') ?? '') ? button : undefined;
  }
}

function mediaOf(button: Element): Media {
  return AUDIO_ALIAS.test(button.getAttribute('lay-filter') ?? '') ? 'audio' : 'video';
}
