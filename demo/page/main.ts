/** The demo page: a small IM page in LayIM's manner, with LayIM's surface for the call widget. */
import { createApp } from 'vue';
import './base.css';
import App from './App.vue';
import { connect } from './connection.ts';
import { CHAT_ROOM, createChatRoom } from './chat-room.ts';
import { createLayim } from './layim.ts';
import { userInAddress } from './address.ts';

const room = createChatRoom();
const layim = createLayim(room);
Object.assign(window, { layui: { layim } });
room.start(
  connect({
    url: new URL('chat', document.baseURI),
    user: userInAddress(),
    onMessage: room.receive,
    onState: room.setLink,
  }),
);
createApp(App, { layim }).provide(CHAT_ROOM, room).mount('#app');
