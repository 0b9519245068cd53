/** A request that gets an error; the message goes to the sender and says what to do. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly httpStatus: number;
  /** Label value of `costspan_processor_rejected_total`. */
  readonly reason: string;

  constructor(httpStatus: number, reason: string, options: { message: string }) {
    super(options.message);
    this.httpStatus = httpStatus;
    this.reason = reason;
  }
}

/** Of a body, before or after decompression. */
export const tooLarge = (limitBytes: number): RequestError =>
  new RequestError(413, 'too_large', {
    message: `the body is larger than ${limitBytes} bytes; send smaller batches or raise limits.body_bytes`,
  });
