import type { Request } from 'express';

/** A text field of a request's body; '' when it is missing. */
export function readField(request: Request, name: string): string {
  const body: unknown = request.body;
  const value =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : '';
}
