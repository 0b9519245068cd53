/** What another process has used, by the system's own books: of every thread, garbage collectors included. */
import { readFileSync } from 'node:fs';

/** Linux gives times in hundredths of a second to every program, whatever its own clock does. */
const TICKS_PER_SECOND = 100;

/** CPU seconds so far, user and system. */
export function readCpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name stands in parentheses and may hold anything; utime and stime are the 12th and 13th field behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Memory that is resident now, MB. */
export const readRssMb = (pid: number): number => readStatusMb(pid, 'VmRSS');

/** The most memory that was ever resident, MB. */
export const readPeakRssMb = (pid: number): number => readStatusMb(pid, 'VmHWM');

function readStatusMb(pid: number, name: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
}
