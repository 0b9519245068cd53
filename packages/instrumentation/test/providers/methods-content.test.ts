import { describe, expect, it } from 'vitest';
import {
  type CallResult,
  EMPTY_RESULT,
  type MethodEndpoint,
  type MethodsProvider,
} from '../../src/provider.ts';
import { bedrock } from '../../src/providers/bedrock.ts';
import { googleGenai } from '../../src/providers/google-genai.ts';
import { ollama } from '../../src/providers/ollama.ts';

const CLIENT = { baseUrl: 'http://127.0.0.1:1', classNames: [] };

/** What content capture records of one streamed call, parsed; nothing where it is off. */
function capture(
  provider: MethodsProvider,
  name: string,
  { args, chunks }: { args: readonly unknown[]; chunks: readonly unknown[] },
  isContentCaptured = true,
): Record<string, unknown> {
  const isNamed = (endpoint: MethodEndpoint): boolean => endpoint.name === name;
  const endpoint = provider.endpoints.find(isNamed)!;
  const request = endpoint.readRequest({
    ...endpoint.readSent(args, {})!,
    client: CLIENT,
    isContentCaptured,
  });
  const fold = (soFar: CallResult, chunk: unknown): CallResult => endpoint.readChunk!(soFar, chunk, request);
  const result = chunks.reduce(fold, EMPTY_RESULT);
  const content = { ...request.content?.(), ...result.content?.() };
  const stated = Object.entries(content).filter(([, value]) => value !== undefined);
  return Object.fromEntries(stated.map(([key, value]) => [key, JSON.parse(String(value))]));
}

class ConverseStreamCommand {
  readonly input: object;
  constructor(input: object) {
    this.input = input;
  }
}

const GOOGLE = {
  args: [
    {
      model: 'gemini-2.5-flash',
      contents: 'How far?',
      config: { systemInstruction: 'Be brief.', tools: [{ functionDeclarations: [{ name: 'measure' }] }] },
    },
  ],
  chunks: [
    { candidates: [{ content: { parts: [{ text: 'Hm.', thought: true }] } }] },
    { candidates: [{ content: { parts: [{ text: 'Very ' }] } }] },
    {
      candidates: [
        {
          content: {
            parts: [{ text: 'far.' }, { functionCall: { id: 'c1', name: 'measure', args: { a: 1 } } }],
          },
          finishReason: 'STOP',
        },
      ],
    },
  ],
};
const BEDROCK = {
  args: [
    new ConverseStreamCommand({
      modelId: 'amazon.nova-lite-v1:0',
      system: [{ text: 'Be brief.' }],
      messages: [
        {
          role: 'user',
          content: [{ text: 'How far?' }, { image: { format: 'png', source: { bytes: new Uint8Array(3) } } }],
        },
      ],
    }),
  ],
  chunks: [
    { contentBlockStart: { contentBlockIndex: 0, start: { toolUse: { toolUseId: 'c1', name: 'measure' } } } },
    { contentBlockDelta: { contentBlockIndex: 0, delta: { toolUse: { input: '{"a"' } } } },
    { contentBlockDelta: { contentBlockIndex: 0, delta: { toolUse: { input: ':1}' } } } },
    { contentBlockDelta: { contentBlockIndex: 1, delta: { text: 'Far.' } } },
    { messageStop: { stopReason: 'tool_use' } },
  ],
};
const OLLAMA = {
  args: ['chat', { model: 'llama3', messages: [{ role: 'user', content: 'How far?' }], stream: true }],
  chunks: [
    { model: 'llama3', message: { content: 'Very ' }, done: false },
    { model: 'llama3', message: { content: 'far.' }, done: true, done_reason: 'stop' },
  ],
};

const asked = (...more: readonly object[]) => [
  { role: 'user', parts: [{ type: 'text', content: 'How far?' }, ...more] },
];
const call = { type: 'tool_call', id: 'c1', name: 'measure', arguments: { a: 1 } };
const said = (parts: readonly object[], finish_reason: string) => [
  { role: 'assistant', parts, finish_reason },
];
const SYSTEM = [{ type: 'text', content: 'Be brief.' }];

describe('captured content', () => {
  it('of Gemini', () => {
    expect(capture(googleGenai, 'models.generateContentStream', GOOGLE)).toEqual({
      'gen_ai.input.messages': asked(),
      'gen_ai.system_instructions': SYSTEM,
      'gen_ai.tool.definitions': [{ type: 'function', name: 'measure' }],
      'gen_ai.output.messages': said(
        [{ type: 'reasoning', content: 'Hm.' }, { type: 'text', content: 'Very far.' }, call],
        'stop',
      ),
    });
  });

  it('of Bedrock, images without their bytes', () => {
    expect(capture(bedrock, 'converse-stream', BEDROCK)).toEqual({
      'gen_ai.input.messages': asked({ type: 'image' }),
      'gen_ai.system_instructions': SYSTEM,
      'gen_ai.output.messages': said([call, { type: 'text', content: 'Far.' }], 'tool_use'),
    });
  });

  it('of Ollama', () => {
    expect(capture(ollama, 'chat', OLLAMA)).toEqual({
      'gen_ai.input.messages': asked(),
      'gen_ai.output.messages': said([{ type: 'text', content: 'Very far.' }], 'stop'),
    });
  });

  it.each([
    ['Gemini', googleGenai, 'models.generateContentStream', GOOGLE],
    ['Bedrock', bedrock, 'converse-stream', BEDROCK],
    ['Ollama', ollama, 'chat', OLLAMA],
  ] as const)('of %s is nothing while it is off', (_name, provider, endpoint, recorded) => {
    expect(capture(provider, endpoint, recorded, false)).toEqual({});
  });
});
