import express, { type NextFunction, type Request, type Response } from 'express';
import { summarizeOrder } from './order-summary.js';
import { answerSearch } from './search.js';
import { answerQuestion } from './support.js';
import { streamAnswer } from './support-stream.js';
import { resolveTicket } from './tickets.js';

/** The service's routes. */
export function createApp(): express.Express {
  const app = express();
  app.use(express.json());
  app.post('/support/answer', answerQuestion);
  app.post('/support/stream', streamAnswer);
  app.post('/orders/:id/summary', summarizeOrder);
  app.post('/search', answerSearch);
  app.post('/tickets/resolve', resolveTicket);
  app.use(reportFailure);
  return app;
}

/** A model that does not answer is the service's failure, not the customer's. Express tells it by four parameters. */
function reportFailure(error: unknown, _request: Request, response: Response, _next: NextFunction): void {
  const message = error instanceof Error ? error.message : String(error);
  if (response.headersSent) response.destroy();
  else response.status(502).json({ error: message });
}
