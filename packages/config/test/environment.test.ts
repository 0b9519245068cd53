import { expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../src/config.js';
import { describeUnknownVariable, findUnknownVariables } from '../src/environment.js';

it.each([
  ['COSTSPAN_METRICS_PROT', 'COSTSPAN_METRICS_PORT'],
  ['COSTSPAN_FEATURES', 'COSTSPAN_FEATURE'],
  ['COSTSPAN_ENABLE', 'COSTSPAN_ENABLED'],
  ['COSTSPAN_BUGET', undefined],
])('%s is none; %s may have been meant', (name, closest) => {
  expect(findUnknownVariables({ [name]: '1', PATH: '/bin' })).toEqual([{ name, closest }]);
});

it('takes those of ours, of the Collector and of a service of Kubernetes for what they are', () => {
  const env = {
    COSTSPAN_CONFIG: 'costspan.yaml',
    COSTSPAN_PROCESSOR_URL: 'http://costspan-processor:4318',
    COSTSPAN_PROCESSOR_SERVICE_HOST: '10.0.0.1',
    COSTSPAN_PROCESSOR_SERVICE_PORT_OTLP: '4318',
    COSTSPAN_PROCESSOR_PORT: 'tcp://10.0.0.1:4318',
    COSTSPAN_PROCESSOR_PORT_4318_TCP_PROTO: 'tcp',
  };
  expect(findUnknownVariables(env)).toEqual([]);
});

it('takes those that the config names for tokens', () => {
  const tokens = [{ name: 'app', env: 'COSTSPAN_EXPORTS', rights: ['ingest' as const] }];
  const env = { COSTSPAN_EXPORTS: 'secret' };
  expect(findUnknownVariables(env, { ...DEFAULT_CONFIG, access: { tokens } })).toEqual([]);
  const [unknown] = findUnknownVariables(env, DEFAULT_CONFIG);
  expect(describeUnknownVariable(unknown!)).toBe(
    'COSTSPAN_EXPORTS is no variable of costspan; did you mean COSTSPAN_EXPORT?',
  );
});
