import { readFileSync } from 'node:fs';
import { ROUTERS } from '../attribution/routers/index.js';
import { WORKERS } from '../attribution/workers/index.js';
import { FRAMEWORKS } from '../frameworks/index.js';
import { createGate } from '../load/gate.js';
import { PROVIDERS } from '../providers/index.js';
import { announceFile } from './announce-file.js';

/** What of esbuild's plugin API is used. */
export interface EsbuildPlugin {
  readonly name: string;
  setup(build: {
    onLoad(
      options: { filter: RegExp },
      callback: (args: { path: string }) => { contents: string; loader: 'js' } | undefined,
    ): void;
  }): void;
}

/**
 * A plugin for esbuild, so that the LLM SDKs inside a bundle are recorded: the preload sees files, and a bundle has
 * none of theirs. Each SDK's client gets one line that announces it, which does nothing without the preload; so does
 * the router of a web framework that tells nobody its routes, and what runs the jobs of a queue or a schedule.
 *
 * @example
 * import { costspan } from '@costspan/instrumentation/esbuild';
 * await esbuild.build({ entryPoints: ['app.ts'], bundle: true, platform: 'node', plugins: [costspan()] });
 */
export function costspan(): EsbuildPlugin {
  const gates = [...PROVIDERS, ...FRAMEWORKS, ...ROUTERS, ...WORKERS].map(createGate);
  return {
    name: 'costspan',
    setup(build) {
      for (const gate of gates) {
        build.onLoad({ filter: new RegExp(gate.pattern.source) }, ({ path }) => {
          const contents = announceFile(path, readFileSync(path, 'utf8'), gates);
          return contents === undefined ? undefined : { contents, loader: 'js' };
        });
      }
    },
  };
}
