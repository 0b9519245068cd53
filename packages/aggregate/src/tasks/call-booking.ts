import type { BudgetSpend } from '../calls/budget-spend.js';
import type { CallPlan, Calls } from '../calls/calls.js';
import type { Tenants } from '../calls/tenants.js';
import { type CallRecord, isRelayed } from '../records.js';
import type { Waiting } from '../series/births.js';
import type { MoneySeries, Series } from '../series/series.js';
import type { WaitingCallState } from '../state.js';
import type { Task } from './task.js';
import type { Tasks } from './tasks.js';

/** A call and everything that it adds to, decided when it was received; its task may be found later. */
export interface CallBooking {
  call: CallRecord;
  readonly nowMs: number;
  readonly plan: CallPlan;
  readonly tenant: MoneySeries | undefined;
  readonly budgets: readonly MoneySeries[];
  task: Task | undefined;
  /** It waits no more. */
  isBooked: boolean;
}

/** What a call may add to. */
export interface BookingPlaces {
  readonly calls: Calls;
  readonly tenants: Tenants;
  readonly budgets: BudgetSpend;
  readonly tasks: Tasks;
}

/** Of a call that counts from now on. */
export const createBooking = (
  call: CallRecord,
  nowMs: number,
  { calls, tenants, budgets, tasks }: BookingPlaces,
): CallBooking => ({
  call,
  nowMs,
  plan: calls.plan(call),
  tenant: tenants.place(call),
  budgets: budgets.place(call, nowMs),
  task: call.task && tasks.expectCall(call, call.task, nowMs),
  isBooked: false,
});

/** Of a call that waited for a scrape before a restart. */
export const restoreBooking = (
  { call, tenant, budgets }: WaitingCallState,
  nowMs: number,
  to: BookingPlaces,
): CallBooking => ({
  call,
  nowMs,
  plan: to.calls.plan(call),
  tenant: tenant && to.tenants.find(tenant),
  budgets: budgets.flatMap((labels) => to.budgets.find(labels)),
  task: call.task && to.tasks.shelf.find(call.task.id),
  isBooked: false,
});

/** Of a call that was booked already: all that is left to do is to give it to its task. */
export const createBooked = (of: Pick<CallBooking, 'call' | 'nowMs' | 'plan'>): CallBooking => ({
  ...of,
  tenant: undefined,
  budgets: [],
  task: undefined,
  isBooked: true,
});

/** A plan is asked for each call, so it remembers that its series have been shown: that is for good. */
export function isShown({ plan, tenant, budgets }: CallBooking): boolean {
  plan.isShown ||= plan.series.every((series) => series.isShown);
  return plan.isShown && tenant?.isShown !== false && budgets.every((budget) => budget.isShown);
}

/** What waits until a scrape has shown its series. */
export const createWaitingCall = (booking: CallBooking, book: () => void): Waiting => ({
  series: listSeries(booking),
  picoUsd: BigInt(booking.call.costPicoUsd ?? 0),
  nowMs: booking.nowMs,
  book,
  readState: () => readBooking(booking),
});

const listSeries = ({ plan, tenant, budgets }: CallBooking): readonly Series[] => [
  ...plan.series,
  ...(tenant === undefined ? [] : [tenant]),
  ...budgets,
];

const readBooking = ({ call, tenant, budgets }: CallBooking): WaitingCallState => ({
  call,
  ...(tenant === undefined ? {} : { tenant: tenant.labels }),
  budgets: budgets.map(({ labels }) => labels),
});

/** As the call of the feature that was found; one that it states itself stays. */
export const withFeature = (call: CallRecord, feature: string | undefined): CallRecord =>
  call.seeksFeature === true && feature !== undefined ? { ...call, feature } : call;

/**
 * What a gateway has told of a call that another service has sent through it: what was asked and used is known there,
 * for whom by that service.
 */
export const forCaller = (part: CallRecord, caller: CallRecord): CallRecord => {
  const { service, environment, feature, userTier, tenant, parentSpanId, task, askedAt } = caller;
  const { seeksFeature: _, seeksTask: __, askedAt: ___, task: stated, ...told } = part;
  // Where nobody has named the gateway, its request was a task to it.
  const own = isRelayed(part) && stated !== undefined ? stated : task;
  return {
    ...told,
    service,
    environment,
    feature,
    userTier,
    tenant,
    ...(parentSpanId !== undefined && { parentSpanId }),
    ...(own !== undefined && { task: own }),
    // A gateway before a gateway: that one is part of a call itself.
    ...(askedAt !== undefined && { askedAt }),
    ...(caller.seeksFeature === true && { seeksFeature: true }),
    ...(caller.seeksTask === true && own === undefined && { seeksTask: true }),
  };
};
