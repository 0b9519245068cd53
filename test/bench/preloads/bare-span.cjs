// The least that a team would write by hand: one CLIENT span around the call, with most of the attributes that costspan
// records for it, prices included as constants. The programs wrap their call with `benchSpan` where it is there.
require('./otel-sdk.cjs');
const { context, SpanKind, trace } = require('@opentelemetry/api');

const tracer = trace.getTracer('by-hand', '1.0.0');

function start(request) {
  return tracer.startSpan(`chat ${request.model}`, {
    kind: SpanKind.CLIENT,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': request.model,
      'server.address': 'api.example.com',
      'costspan.feature': 'bench',
    },
  });
}

function end(span, { id, model, usage }) {
  span.setAttributes({
    'gen_ai.request.max_tokens': 100,
    'gen_ai.response.id': id,
    'gen_ai.response.model': model,
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': usage.prompt_tokens ?? usage.input_tokens,
    'gen_ai.usage.output_tokens': usage.completion_tokens ?? usage.output_tokens,
    'gen_ai.usage.cache_read.input_tokens': 128,
    'gen_ai.usage.reasoning.output_tokens': 0,
    'gen_ai.usage.cost.amount': 0.00123,
    'gen_ai.usage.cost.currency': 'USD',
    'gen_ai.usage.cost.source': 'local',
    'costspan.cost.status': 'priced',
    'costspan.cost.input': 0.001,
    'costspan.cost.cache_read': 0.0001,
    'costspan.cost.output': 0.00013,
    'costspan.price.version': '2026-01-01',
    'costspan.price.mode': 'standard',
    'costspan.usage.status': 'complete',
  });
  span.end();
}

globalThis.benchSpan = {
  async call(request, send) {
    const span = start(request);
    const response = await context.with(trace.setSpan(context.active(), span), send);
    end(span, response);
    return response;
  },
  async *stream(request, send) {
    const span = start(request);
    const stream = await context.with(trace.setSpan(context.active(), span), send);
    let last;
    try {
      for await (const chunk of stream) {
        last = chunk;
        yield chunk;
      }
    } finally {
      end(span, { id: last?.id, model: last?.model, usage: last?.usage ?? {} });
    }
  },
};
