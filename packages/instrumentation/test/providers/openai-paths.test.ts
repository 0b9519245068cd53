import { describe, expect, it } from 'vitest';
import { openai } from '../../src/providers/openai.ts';

describe('which endpoint a path is', () => {
  it.each([
    ['post', '/chat/completions', 'chat.completions'],
    ['post', '/completions', 'completions'],
    ['post', '/responses', 'responses'],
    ['get', '/responses/resp_1', 'responses.retrieve'],
    ['post', '/responses/compact', 'responses.compact'],
    ['post', '/embeddings', 'embeddings'],
    ['get', '/chat/completions/chatcmpl-1', undefined],
    ['post', '/chat/completions/chatcmpl-1', undefined],
    ['post', '/responses/resp_1/cancel', undefined],
    ['get', '/responses/resp_1/input_items', undefined],
    ['post', '/images/generations', 'images.generate'],
    ['post', '/images/edits', 'images.edit'],
    ['post', '/images/variations', 'images.createVariation'],
    ['post', '/audio/transcriptions', 'audio.transcriptions'],
    ['post', '/audio/translations', 'audio.translations'],
    ['post', '/audio/speech', 'audio.speech'],
    ['post', '/moderations', 'moderations'],
    ['post', '/responses/input_tokens', 'responses.input_tokens'],
    ['post', '/videos', 'videos.create'],
    ['post', '/videos/video_1/remix', 'videos.create'],
    ['get', '/videos/video_1', 'videos.retrieve'],
    ['get', '/videos/video_1/content', undefined],
    ['post', '/batches', 'batches.create'],
    ['post', '/batches/batch_1/cancel', undefined],
    ['get', '/batches/batch_1', 'batches.retrieve'],
    ['get', '/files/file-1/content', 'files.content'],
    ['get', '/files/file-1', undefined],
    ['post', '/files', undefined],
    ['post', '/fine_tuning/jobs', 'fineTuning.jobs.create'],
    ['get', '/fine_tuning/jobs/ftjob-1', 'fineTuning.jobs.retrieve'],
    ['get', '/fine_tuning/jobs/ftjob-1/events', undefined],
  ])('%s %s is %s', (method, path, name) => {
    const found = openai.endpoints.filter(
      (endpoint) => endpoint.method === method && endpoint.path.test(path),
    );
    expect(found.map((endpoint) => endpoint.name)).toEqual(name === undefined ? [] : [name]);
  });
});
