/** Frames of our hook stood in the stack of a module that is not found, in place of the application's own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture, NODE_NAMES, type NodeName, Stage } from '../preload/preload.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.close());

/** Each error's frames; where in Node's own files they are differs from one way through its loader to another. */
async function readFrames(node: NodeName, flags?: readonly string[]): Promise<string[][]> {
  const app = [fixture('missing-modules.cjs')];
  const { exitCode, stdout, stderr } = await stage.run({
    node,
    app,
    ...(flags === undefined ? {} : { flags }),
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return (JSON.parse(stdout) as string[]).map((stack) =>
    stack
      .split('\n')
      .filter((line) => line.startsWith('    at '))
      .map((line) => line.replace(/(\(?node:[^:]+):\d+:\d+/, '$1')),
  );
}

describe.each(NODE_NAMES)('Node %s: a module that is not found', (node) => {
  it('has every frame of the application in its stack', async () => {
    const bare = await readFrames(node, []);
    const recorded = await readFrames(node);
    const isOfApplication = (frame: string): boolean => frame.includes('missing-modules.cjs');
    const ofApplication = bare.map((frames) => frames.filter(isOfApplication));
    expect(recorded.map((frames) => frames.filter(isOfApplication))).toEqual(ofApplication);
    // Not an empty comparison: what is required is asked for from the file at hand.
    expect(ofApplication.slice(0, 4).map((frames) => frames.length > 0)).toEqual([true, true, true, true]);
  });
});
