import type { Outcome } from '@costspan/semconv';
import { compilePattern, type Matcher } from './outcome-pattern.js';
import type { OutcomeCondition, OutcomeRule } from './outcome-rule.js';

/** What one piece of evidence is about. */
export type OutcomeSubject = 'task' | 'call' | 'last_call' | 'validation' | 'tool' | 'evaluation' | 'repeat';

/** Something seen of a task: facts by the keys of a condition, each one value or a list of them. */
export interface OutcomeEvidence {
  readonly subject: OutcomeSubject;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The rule that decided. */
export interface RuleDecision {
  readonly outcome: Outcome;
  /** Place in `tasks.outcome`, from 0. */
  readonly rule: number;
}

/** A key of a condition belongs to one subject; conditions on one subject must be met by the same piece of evidence. */
const SUBJECT_OF: Readonly<Record<keyof OutcomeCondition, OutcomeSubject>> = {
  'http.status_code': 'task',
  'error.type': 'task',
  'exception.type': 'task',
  status: 'task',
  attributes: 'task',
  finish_reason: 'call',
  last_finish_reason: 'last_call',
  'validation.error': 'validation',
  'tool.error': 'tool',
  'evaluation.name': 'evaluation',
  'evaluation.score': 'evaluation',
  'evaluation.label': 'evaluation',
  repeated_within: 'repeat',
};
const KEYS = Object.keys(SUBJECT_OF) as (keyof OutcomeCondition)[];

type Test = (facts: OutcomeEvidence['facts']) => boolean;

/** The conditions of one rule on one subject, with the bit that says they were met. */
interface Part {
  readonly bit: bigint;
  /** What is asked, as text: equal for parts that ask the same. */
  readonly key: string;
  readonly tests: readonly Test[];
}

/**
 * The rules of `tasks.outcome`, compiled. What a task has shown is a set of bits, one for each part of each rule that
 * some evidence has met, so it is small, and the order and number in which evidence arrives make no difference.
 */
export class OutcomeRules {
  /** Attributes of a task's span that a rule looks at by name. */
  readonly attributeNames: ReadonlySet<string>;
  /** Longest `repeated_within`; 0 when no rule asks for repeats. */
  readonly repeatedWithinMs: number;
  readonly #parts = new Map<OutcomeSubject, Part[]>();
  readonly #rules: { readonly bits: bigint; readonly outcome: Outcome }[] = [];

  constructor(rules: readonly OutcomeRule[]) {
    let bit = 1n;
    for (const { when, is } of rules) {
      let bits = 0n;
      for (const [subject, tests] of compileCondition(when)) {
        const parts = this.#parts.get(subject) ?? [];
        parts.push({ bit, key: `${subject} ${describePart(when, subject)}`, tests });
        this.#parts.set(subject, parts);
        bits |= bit;
        bit <<= 1n;
      }
      this.#rules.push({ bits, outcome: is });
    }
    this.attributeNames = new Set(rules.flatMap(({ when }) => Object.keys(when.attributes ?? {})));
    this.repeatedWithinMs = Math.max(0, ...rules.map(({ when }) => when.repeated_within ?? 0));
  }

  /** Whether any rule looks at such evidence. */
  asks(subject: OutcomeSubject): boolean {
    return this.#parts.has(subject);
  }

  /** The bits of all that this evidence meets; those of one task are joined with `|`. */
  read({ subject, facts }: OutcomeEvidence): bigint {
    let bits = 0n;
    for (const part of this.#parts.get(subject) ?? NONE) if (isMet(part, facts)) bits |= part.bit;
    return bits;
  }

  /** The first rule of which every part was met. */
  decide(bits: bigint): RuleDecision | undefined {
    // A rule without conditions is refused by the parser; one made otherwise decides nothing.
    const rule = this.#rules.findIndex(({ bits: all }) => all !== 0n && (all & bits) === all);
    return rule === -1 ? undefined : { rule, outcome: this.#rules[rule]!.outcome };
  }

  /** Bits that other rules gave, in the meaning of these; what only those asked is let go. */
  translate(bits: bigint, from: OutcomeRules): bigint {
    const met = new Set(from.#allParts().flatMap(({ bit, key }) => ((bits & bit) === 0n ? [] : [key])));
    return this.#allParts().reduce((own, { bit, key }) => (met.has(key) ? own | bit : own), 0n);
  }

  #allParts(): Part[] {
    return [...this.#parts.values()].flat();
  }

  /** The bits that belong to one rule, to tell what met it. */
  bitsOf(rule: number): bigint {
    return this.#rules[rule]?.bits ?? 0n;
  }
}

const NONE: readonly Part[] = [];

/** In a loop, since it is asked for each span and each rule. */
function isMet({ tests }: Part, facts: OutcomeEvidence['facts']): boolean {
  for (const test of tests) if (!test(facts)) return false;
  return true;
}

/** The conditions of one subject, in the order of the keys. */
const describePart = (when: OutcomeCondition, subject: OutcomeSubject): string =>
  JSON.stringify(KEYS.flatMap((key) => (SUBJECT_OF[key] === subject ? [[key, when[key]]] : [])));

function compileCondition(when: OutcomeCondition): Map<OutcomeSubject, Test[]> {
  const bySubject = new Map<OutcomeSubject, Test[]>();
  const add = (subject: OutcomeSubject, test: Test) => {
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), test]);
  };
  for (const key of KEYS) {
    const wanted = when[key];
    if (wanted === undefined) continue;
    if (key === 'repeated_within') {
      const withinMs = Number(wanted);
      add('repeat', (facts) => typeof facts[key] === 'number' && facts[key] <= withinMs);
    } else if (key === 'attributes') {
      for (const [name, patterns] of Object.entries(when.attributes ?? {})) {
        const matches = matchAny(patterns);
        add('task', (facts) =>
          matches((facts[key] as Readonly<Record<string, unknown>> | undefined)?.[name]),
        );
      }
    } else {
      const matches = matchAny(wanted as readonly string[]);
      add(SUBJECT_OF[key], (facts) => matches(facts[key]));
    }
  }
  return bySubject;
}

/** One of the patterns, by one of the values. */
function matchAny(patterns: readonly string[]): Matcher {
  const matchers = patterns.map(compilePattern);
  const matchesOne: Matcher = (value) => {
    for (const matches of matchers) if (matches(value)) return true;
    return false;
  };
  return (value) => (Array.isArray(value) ? value.some(matchesOne) : matchesOne(value));
}
