/** What mends that the receiver did not take the spans, by what it or the system answered; the first that fits. */
const FIXES: readonly (readonly [failure: RegExp, fix: string])[] = [
  [
    /answered 40[13]/,
    'send a token that the receiver knows, with the right ingest: OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer …"',
  ],
  [
    /certificate has expired|certificate is not yet valid/,
    'renew the certificate of the receiver, or set the clock of this machine right',
  ],
  [
    /certificate|altnames/,
    'name the authority of its certificate in OTEL_EXPORTER_OTLP_CERTIFICATE, and its host as the certificate does',
  ],
  [
    /answered 404/,
    'name its address without a path in OTEL_EXPORTER_OTLP_ENDPOINT: /v1/traces is added to it',
  ],
  [
    /no answer within/,
    'look at the log of the receiver: it takes connections and says nothing; or name another in OTEL_EXPORTER_OTLP_ENDPOINT',
  ],
  [
    /Invalid URL|no http or https|Protocol/,
    'write an address of http or https in OTEL_EXPORTER_OTLP_ENDPOINT: http://localhost:4318',
  ],
  [
    /socket hang up|Parse Error|ECONNRESET|EPROTO|wrong version number|packet length/,
    'the port speaks something else: name that of OTLP over HTTP (4318; 4317 is gRPC), with https:// where it has TLS',
  ],
];
const START_IT =
  'start the receiver (costspan processor, or a Collector), or name it in OTEL_EXPORTER_OTLP_ENDPOINT';

/** What to do about a failed export. */
export const findExportFix = (failure: string): string =>
  FIXES.find(([pattern]) => pattern.test(failure))?.[1] ?? START_IT;
