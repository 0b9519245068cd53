/** A `resolve` hook and Node's own calls around it, in the stack of a module that is not found. */
const HOOK_FRAMES = 5;

/** How long stacks were, and are meanwhile. */
interface Room {
  readonly limit: number;
  readonly widened: number;
}

/**
 * Makes room in stacks for the frames of a hook, which would take the place of the application's: it is those that
 * tell who asked for the module. `undefined` where stacks are off, or nobody may set their length.
 */
export function widenStacks(): Room | undefined {
  const { stackTraceLimit: limit } = Error;
  if (typeof limit !== 'number' || limit <= 0) return undefined;
  const widened = limit + HOOK_FRAMES;
  return Reflect.set(Error, 'stackTraceLimit', widened) ? { limit, widened } : undefined;
}

/** Takes the room away again, unless somebody has set another length since. */
export function narrowStacks(room: Room | undefined): void {
  if (room !== undefined && Error.stackTraceLimit === room.widened)
    Reflect.set(Error, 'stackTraceLimit', room.limit);
}
