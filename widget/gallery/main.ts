import { mountApp } from '../app.ts';
import { loadLater } from '../components/later.ts';
import { createStore } from '../session/store.ts';
import type { CallView } from '../call/view.ts';
import type { RoomView } from '../room/view.ts';
import { roomStates } from './room-states.ts';
import { states } from './states.ts';

/** The actions asked for, for tests; the state shown can be replaced by `show`. */
declare global {
  interface Window {
    gallery: { actions: string[]; names: string[]; show: (name: string) => void };
  }
}

const view = createStore<CallView>({ phase: 'idle' });
const room = createStore<RoomView>({ phase: 'idle', running: [] });

/** What the card says about a call's end depends on its having rung here. */
const BEFORE: Readonly<Record<string, string>> = { missed: 'incoming', 'group-missed': 'group-incoming' };

const show = (name: string) => {
  const before = BEFORE[name];
  if (before) show(before);
  // Both at once: `talking+banner`.
  const names = name.split('+');
  const find = <View>(all: Readonly<Record<string, () => View>>) =>
    names.map((each) => all[each]?.()).find((state) => state !== undefined);
  view.set(find(states) ?? { phase: 'idle' });
  room.set(find(roomStates) ?? { phase: 'idle', running: [] });
};

const actions: string[] = [];
/** Answers to every action, and writes down what was asked. */
const recorder = <Actions extends object>() =>
  new Proxy({} as Actions, {
    get:
      (_, name) =>
      (...values: unknown[]) => {
        actions.push([name, ...values].join(' '));
      },
  });

const query = new URLSearchParams(location.search);
const host = document.createElement('video-call');
document.body.append(host);
mountApp({
  root: host.attachShadow({ mode: 'open' }),
  call: view,
  callActions: recorder(),
  room,
  roomActions: recorder(),
  locale: query.get('locale') ?? 'zh-CN',
});
await loadLater();
show(query.get('state') ?? 'talking');
window.gallery = { actions, names: [...Object.keys(states), ...Object.keys(roomStates)], show };
