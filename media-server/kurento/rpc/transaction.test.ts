import { describe, expect, it } from 'vitest';
import { cleanUpAfterEach, startWithPipeline } from '../../../testing/media-server/server.ts';
import type { Json } from './json.ts';

cleanUpAfterEach();

const operation = (id: number, method: string, params: Json): Json => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});

describe('transactions', () => {
  it('use the ids that earlier operations returned', async () => {
    const { client } = await startWithPipeline();
    const replies = (await client.value('transaction', {
      operations: [
        operation(0, 'create', { type: 'MediaPipeline', constructorParams: {} }),
        operation(1, 'create', { type: 'WebRtcEndpoint', constructorParams: { mediaPipeline: 'newref:0' } }),
        operation(2, 'invoke', { object: 'newref:1', operation: 'getParent' }),
        operation(3, 'invoke', {
          object: 'manager_ServerManager',
          operation: 'getUsedCpu',
          operationParams: { interval: 5 },
        }),
        operation(4, 'release', { object: 'newref:0' }),
      ],
    })) as { id: number; result: { sessionId: string; value?: Json } }[];
    expect(replies.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4]);
    expect(replies[2]?.result.value).toBe(replies[0]?.result.value);
    expect(replies[4]?.result).toEqual({ sessionId: replies[0]?.result.sessionId });
  });

  it('end with the first operation that fails', async () => {
    const { client } = await startWithPipeline();
    const operations = [
      operation(0, 'create', { type: 'Nope' }),
      operation(1, 'invoke', { object: 'newref:0', operation: 'getName' }),
    ];
    expect(await client.value('transaction', { operations })).toEqual([
      {
        error: {
          code: 40108,
          data: { type: 'MEDIA_OBJECT_NOT_AVAILABLE' },
          message: "Factory 'Nope' not found",
        },
        id: 0,
        jsonrpc: '2.0',
      },
    ]);
    expect(await client.value('transaction', { operations: [] })).toEqual([]);
  });

  it.each<[Json, number, string]>([
    [{}, -32000, "'operations' parameter is required"],
    [{ operations: 'x' }, -32000, "'operations' parameter should be an array"],
    [{ operations: [operation(7, 'ping', {})] }, 40008, "Id of request '0' should be '0'"],
    [{ operations: ['x'] }, 40008, "Id of request '0' should be '0'"],
    [{ operations: [operation(0, 'invoke', { object: 'newref:x' })] }, 40008, "Invalid index of newref 'x'"],
    [
      { operations: [operation(0, 'invoke', { object: 'newref:3' })] },
      40008,
      'Result not found on request 3',
    ],
  ])('refuse %j', async (params, code, message) => {
    const { client } = await startWithPipeline();
    expect((await client.call('transaction', params)).error).toMatchObject({ code, message });
  });
});
