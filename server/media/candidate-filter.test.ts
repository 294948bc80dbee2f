import { expect, test } from 'vitest';
import { candidateFilter } from './candidate-filter.ts';

const answer = (head: string, ...media: string[]) =>
  ['v=0', 's=-', ...(head ? [head] : []), ...media].join('\r\n') + '\r\n';
const AUDIO = 'm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=rtcp-mux';
const VIDEO = 'm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=rtcp-mux';
const found = (sdpMid: string, component: 1 | 2) => ({
  candidate: `candidate:1 ${component} UDP 2015363327 192.0.2.1 40000 typ host`,
  sdpMid,
  sdpMLineIndex: 0,
});
const all = [found('0', 1), found('0', 2), found('1', 1), found('1', 2)];

test('one transport for everything needs the candidates of one m-line and component', () => {
  expect(all.filter(candidateFilter(answer('a=group:BUNDLE 0 1', AUDIO, VIDEO)))).toEqual([found('0', 1)]);
  expect(all.filter(candidateFilter(answer('a=group:BUNDLE 1 0', AUDIO, VIDEO)))).toEqual([found('1', 1)]);
});

test('refused media and data channels have no RTCP that would need candidates', () => {
  const rest = [
    'm=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:1',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  ];
  expect(all.filter(candidateFilter(answer('a=group:BUNDLE 0 1 2', AUDIO, ...rest)))).toEqual([
    found('0', 1),
  ]);
});

test('without BUNDLE each m-line needs its own', () => {
  expect(all.filter(candidateFilter(answer('', AUDIO, VIDEO)))).toEqual([found('0', 1), found('1', 1)]);
  const partly = answer('a=group:BUNDLE 0', AUDIO, VIDEO);
  expect(all.filter(candidateFilter(partly))).toEqual([found('0', 1), found('1', 1)]);
});

test('without rtcp-mux RTCP needs its own', () => {
  const unmuxed = answer('a=group:BUNDLE 0 1', AUDIO.replace('a=rtcp-mux', 'a=x'), VIDEO);
  expect(all.filter(candidateFilter(unmuxed))).toEqual([found('0', 1), found('0', 2)]);
});
