import { parseArgs } from 'node:util';

/** The demo's command line. */
export interface DemoOptions {
  readonly isKept: boolean;
  readonly isLive: boolean;
  readonly isHelp: boolean;
  readonly requestCount: number;
  readonly seed: number;
}

export const USAGE = `usage: npm run demo -- [--keep] [--live] [--requests N] [--seed N]
  --keep        leave everything running until Ctrl-C
  --live        use the real provider wherever OPENAI_API_KEY or ANTHROPIC_API_KEY is set
  --requests N  how many requests the customers send, 1 to 5000 (300; 20 with --live)
  --seed N      another day at the shop`;

/** Parses the command line. @throws with the fix in its message. */
export function parseDemoArguments(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      keep: { type: 'boolean', default: false },
      live: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
      requests: { type: 'string' },
      seed: { type: 'string' },
    },
  });
  return {
    isKept: values.keep,
    isLive: values.live,
    isHelp: values.help,
    requestCount: parseCount('--requests', values.requests ?? (values.live ? '20' : '300'), 5_000),
    seed: parseCount('--seed', values.seed ?? '7', 2 ** 31),
  };
}

function parseCount(name: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new Error(`${name} ${text} is not a whole number from 1 to ${max}`);
}
