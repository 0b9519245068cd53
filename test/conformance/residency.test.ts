import { OpenAI } from 'openai-7';
import { expect, it } from 'vitest';
import { readHost } from '../../packages/instrumentation/src/providers/hosts.ts';

it.each(['us', 'eu', 'ae', 'au', 'in', 'jp'] as const)(
  'the region of a client with data residency in %s is known from where it sends',
  (dataResidency) => {
    const { baseURL } = new OpenAI({ apiKey: 'test', dataResidency });
    expect(readHost({ baseUrl: baseURL, classNames: ['OpenAI'] }, 'openai')).toMatchObject({
      provider: 'openai',
      region: dataResidency,
    });
  },
);
