#!/usr/bin/env node
// `video-call` starts the server, from whatever directory it is called; `video-call groups …` imports groups
// and their members.
import { load } from './load.js';

const [command, ...rest] = process.argv.slice(2);

if (command === 'groups') {
  const { runGroupsCommand } = await load('groups');
  process.exitCode = await runGroupsCommand(rest, process.env);
} else if (command === undefined) {
  await load('main');
} else {
  console.error(`video-call knows no "${command}". It starts the server without a command; see also`);
  console.error('"video-call groups --help". Settings are environment variables.');
  process.exitCode = 2;
}
