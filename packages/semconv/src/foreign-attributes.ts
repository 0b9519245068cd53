/** What others write on the spans of requests, messages and jobs, and costspan reads to name a task. */
export const ENTRY_ATTR = {
  HTTP_METHOD_OLD: 'http.method',
  MESSAGING_DESTINATION_TEMPLATE: 'messaging.destination.template',
  MESSAGING_DESTINATION_NAME: 'messaging.destination.name',
  MESSAGING_DESTINATION_OLD: 'messaging.destination',
  MESSAGING_OPERATION_NAME: 'messaging.operation.name',
  MESSAGING_OPERATION_OLD: 'messaging.operation',
  BULLMQ_JOB_NAME: 'bullmq.job.name',
  BULLMQ_QUEUE_NAME: 'bullmq.queue.name',
  FAAS_NAME: 'faas.name',
  FAAS_TRIGGER: 'faas.trigger',
} as const;

/** Of BullMQ's spans, which have no status: the job has failed. */
export const JOB_FAILED_EVENT = 'job failed';

/** What names the queue, the job or the function that a message or a job came from, best name first. */
export const JOB_SOURCE_ATTRIBUTES: readonly string[] = [
  ENTRY_ATTR.MESSAGING_DESTINATION_TEMPLATE,
  ENTRY_ATTR.MESSAGING_DESTINATION_NAME,
  ENTRY_ATTR.MESSAGING_DESTINATION_OLD,
  ENTRY_ATTR.BULLMQ_JOB_NAME,
  ENTRY_ATTR.BULLMQ_QUEUE_NAME,
  ENTRY_ATTR.FAAS_NAME,
];
