/** Older versions of each framework, down to the oldest that its gate admits: the same applications, told alike. */
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Stage } from '../preload/preload.ts';
import { loaderOf, OLDER_SETS } from './sets.ts';
import { renderTree } from './tree.ts';
import { OLDER_TREES } from './trees.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

describe.each(OLDER_SETS)('%s versions', (set) => {
  it.each(Object.entries(OLDER_TREES[set] ?? {}))('%s is told as it is built', async (command, tree) => {
    const [name = '', ...rest] = command.split(' ');
    const launch = {
      app: [join(import.meta.dirname, 'fixtures', name), ...rest],
      env: { FRAMEWORKS: loaderOf(set) },
    };
    const bare = await stage.run({ ...launch, flags: [] });
    const answered = stage.provider.log.length;
    const watched = await stage.run(launch);
    const seenOf = ({ stdout, stderr, exitCode }: typeof bare) => ({
      seen: JSON.parse(stdout) as unknown,
      // Stacks go through our functions, and name files of ours.
      stderr: stderr.replace(/^ +at .*\n/gm, ''),
      exitCode,
    });
    expect(seenOf(watched)).toEqual(seenOf(bare));
    expect(renderTree(stage.sink.spans)).toEqual(tree);
    const refused = tree.filter((line) => /^ +chat .* failed: API/.test(line));
    expect(stage.callSpans()).toHaveLength(stage.provider.log.length - answered + refused.length);
  });
});
