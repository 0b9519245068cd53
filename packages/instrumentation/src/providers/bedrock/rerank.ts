import { OPERATION } from '@costspan/semconv';
import type { CallRequest, CallResult, EndpointCall, MethodEndpoint } from '../../provider.js';
import { omitUndefined, readFields, readItems, readText } from '../fields.js';
import { readBedrockRequest, readCommand, SENT } from './request.js';

/** A query with more documents than that is billed as several. */
const DOCUMENTS_OF_A_SEARCH = 100;

/** `Rerank`: billed by the query, which the request tells. */
export const rerank: MethodEndpoint = {
  ...SENT,
  name: 'rerank',
  readSent: readCommand('RerankCommand'),
  readRequest: readRerankRequest,
  readResponse: readReranked,
};

function readRerankRequest(call: EndpointCall): CallRequest {
  const { queries, sources, rerankingConfiguration } = readFields(call.body);
  const { bedrockRerankingConfiguration } = readFields(rerankingConfiguration);
  const { modelArn } = readFields(readFields(bedrockRerankingConfiguration).modelConfiguration);
  const searches = readItems(queries).length * Math.ceil(readItems(sources).length / DOCUMENTS_OF_A_SEARCH);
  return omitUndefined<CallRequest>({
    ...readBedrockRequest(call, { operation: OPERATION.RERANK }),
    model: readText(modelArn),
    state: searches,
  });
}

function readReranked(body: unknown, { state }: CallRequest): CallResult {
  if (!Array.isArray(readFields(body).results) || !state) return { usageStatus: 'missing' };
  return { usageStatus: 'complete', usage: { units: { search: Number(state) } } };
}
