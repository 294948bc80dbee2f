import { describe, expect, it } from 'vitest';
import { findReason, type Surroundings } from './reachability.ts';

const fails: typeof fetch = () => Promise.reject(new TypeError('Failed to fetch'));
const answers: typeof fetch = () => Promise.resolve(new Response());

const surroundings = (changes: Partial<Surroundings>): Surroundings => ({
  serverUrl: 'https://calls.example.com/',
  pageUrl: 'https://chat.example.com/im',
  scriptUrl: 'https://cdn.example.com/video-call.js',
  online: true,
  fetch: fails,
  ...changes,
});

describe('findReason', () => {
  it('suspects the certificate when nothing was ever loaded from the server, and says what to open', async () => {
    const reason = await findReason(surroundings({}));
    expect(reason.code).toBe('certificate');
    expect(reason.message).toContain('https://calls.example.com');
  });

  it.each([
    ['the script came from there', { scriptUrl: 'https://calls.example.com/video-call.js' }],
    ['the page came from there', { pageUrl: 'https://calls.example.com/im' }],
    ['there is no network at all', { online: false }],
    ['it is a plain http server', { serverUrl: 'http://localhost:8080/' }],
  ])('does not when %s', async (_, changes) => {
    expect((await findReason(surroundings(changes))).code).toBe('server-unreachable');
  });

  it.each([
    ['another server', {}],
    ['the server that the script came from', { scriptUrl: 'https://calls.example.com/video-call.js' }],
    ['a plain http server', { serverUrl: 'http://localhost:8080/' }],
  ])('tells a refused socket of %s from a server that is down', async (_, changes) => {
    const reason = await findReason(surroundings({ fetch: answers, ...changes }));
    expect(reason.code).toBe('server-unreachable');
    expect(reason.message).toContain('ALLOWED_ORIGINS');
  });

  it('repeats what the server says that asks to come again', async () => {
    const reason = await findReason(surroundings({ answer: 'The token is not valid yet.' }));
    expect(reason.code).toBe('server-unreachable');
    expect(reason.message).toContain('not valid yet');
  });

  it('names a plain server on an https page', async () => {
    expect((await findReason(surroundings({ serverUrl: 'http://calls.example.com' }))).code).toBe(
      'insecure-page',
    );
  });
});
