import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { type Config, findUnknownVariables } from '@costspan/config';
import {
  checkModule,
  probeExporter,
  SUPPORTED_FRAMEWORKS,
  SUPPORTED_SDKS,
  sendsSpans,
  WIRE_SDKS,
} from '@costspan/instrumentation/inspect';
import { ENV } from '@costspan/semconv';
import { findExportFix } from './export-fix.js';
import type { Finding } from './finding.js';
import { findInstalled, type InstalledCopy } from './installed.js';
import { describeCopy, describeWireSdk } from './sdk.js';

type Env = Readonly<Record<string, string | undefined>>;

export const PRELOAD = '@costspan/instrumentation/register';
const START_WITH = `node --require ${PRELOAD} app.js`;

/** Node of this process; the application's own is told by its run. */
export function examineNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 15))
    return { subject: 'node', state: 'ok', text: `Node ${version}` };
  return {
    subject: 'node',
    state: 'problem',
    text: `Node ${version}: costspan records nothing below 22.15`,
    fix: 'use Node 22.15 or newer',
  };
}

/** That costspan is switched off, if it is. */
export const examineSwitch = (env: Env): Finding | undefined =>
  env[ENV.ENABLED]?.trim().toLowerCase() === 'false'
    ? {
        subject: 'preload',
        state: 'problem',
        text: `${ENV.ENABLED}=false switches costspan off`,
        fix: `unset ${ENV.ENABLED}`,
      }
    : undefined;

/** Whether the preload is installed, switched on, and named where Node looks for it. */
export function examinePreload(folder: string, env: Env): Finding {
  const off = examineSwitch(env);
  if (off !== undefined) return off;
  if (!isPreloadInstalled(folder))
    return {
      subject: 'preload',
      state: 'problem',
      text: `${PRELOAD} cannot be found from ${folder}`,
      fix: 'npm install @costspan/instrumentation',
    };
  if (env.NODE_OPTIONS?.includes(PRELOAD))
    return { subject: 'preload', state: 'ok', text: 'in NODE_OPTIONS' };
  return {
    subject: 'preload',
    state: 'unknown',
    text: 'installed; not in NODE_OPTIONS, so the command line must name it',
    fix: `start with ${START_WITH}, and see it at work: costspan doctor -- ${START_WITH}`,
  };
}

/** Variables with our prefix that nothing of ours reads. They may be somebody's own, so none of them is a problem. */
export const examineVariables = (env: Env, config: Config): Finding[] =>
  findUnknownVariables(env, config).map(({ name, closest }) => ({
    subject: 'variable',
    state: 'unknown',
    text: `${name} is no variable of costspan`,
    fix:
      closest === undefined
        ? `nothing, if it is your own; costspan reads ${Object.values(ENV).join(', ')}`
        : `did you mean ${closest}?`,
  }));

function isPreloadInstalled(folder: string): boolean {
  try {
    return existsSync(createRequire(join(folder, 'package.json')).resolve(PRELOAD));
  } catch {
    return false;
  }
}

/** Every copy of an LLM SDK or a framework in `node_modules`, and whether this costspan knows its version. */
export function examineInstalled(folder: string): Finding[] {
  const known = [...SUPPORTED_SDKS, ...SUPPORTED_FRAMEWORKS, ...WIRE_SDKS];
  const wanted = new Set(known.map(({ package: name }) => name));
  const { copies, isCut } = findInstalled(folder, wanted);
  const findings = copies.map((copy) => examineCopy(copy, folder));
  if (!findings.some(({ subject }) => subject === 'sdk'))
    findings.push({
      subject: 'sdk',
      state: 'unknown',
      text: `no LLM SDK that costspan knows below ${join(folder, 'node_modules')}`,
      fix: 'run it in the folder of the application, or let it see the application: costspan doctor -- node app.js',
    });
  if (isCut)
    findings.push({ subject: 'sdk', state: 'unknown', text: 'too many packages: the search ended early' });
  return findings;
}

function examineCopy({ package: name, version, folder: at }: InstalledCopy, folder: string): Finding {
  const place = `${name} ${version} in ${relative(folder, at)}`;
  const wire = WIRE_SDKS.find((sdk) => sdk.package === name);
  if (wire !== undefined) return describeWireSdk(place, wire.isRead);
  const fix = `use a version in that range, or a costspan that knows ${version}`;
  return describeCopy({ package: name, place, refusal: checkModule(name, version), fix }, 'will be recorded');
}

/** Asks the receiver of the spans, with an export of nothing, as the preload would send it, if it sends any. */
export async function examineExporter(env: Env): Promise<Finding> {
  if (!sendsSpans(env)) return describeUnsent(env);
  const { url, error } = await probeExporter(env);
  if (error === undefined) return { subject: 'exporter', state: 'ok', text: `${url} answers` };
  return {
    subject: 'exporter',
    state: 'problem',
    text: `${url}: ${error}`,
    fix: findExportFix(error),
  };
}

/** What the environment keeps from being sent is in the process's own metrics all the same. */
function describeUnsent(env: Env): Finding {
  const disabled = 'OTEL_SDK_DISABLED';
  const exporter = 'OTEL_TRACES_EXPORTER';
  const isDisabled = env[disabled]?.trim().toLowerCase() === 'true';
  const text = `${isDisabled ? `${disabled}=true` : `${exporter}=${env[exporter]}`}: no span is sent to a receiver`;
  const port = env[ENV.METRICS_PORT]?.trim();
  if (port)
    return { subject: 'exporter', state: 'ok', text: `${text}; ${ENV.METRICS_PORT}=${port} has the sums` };
  const fix = isDisabled ? `unset ${disabled}` : `unset ${exporter}, or name otlp in it`;
  return { subject: 'exporter', state: 'problem', text, fix: `${fix}; or set ${ENV.METRICS_PORT}` };
}
