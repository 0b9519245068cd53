import { describe, expect, it } from 'vitest';
import { describeCall } from './described-calls.ts';
import { viewOf } from './recorded-emitters.ts';
import { CHAT, PARTS, translate } from './translated.ts';

describe('names of other emitters', () => {
  it.each([
    ['azure.ai.inference', 'azure.ai.inference'],
    ['az.ai.openai', 'azure.ai.openai'],
    ['azure.chat', 'azure.ai.openai'],
    ['aws.bedrock', 'aws.bedrock'],
    ['amazon-bedrock', 'aws.bedrock'],
    ['google.vertex.chat', 'gcp.vertex_ai'],
    ['google.generative-ai', 'gcp.gemini'],
    ['vertex_ai', 'gcp.vertex_ai'],
    ['openai.responses', 'openai'],
    ['mistralai', 'mistral_ai'],
    ['xai.chat', 'x_ai'],
    ['OpenAI', 'openai'],
    ['amazon_bedrock', 'aws.bedrock'],
    ['google_vertexai', 'gcp.vertex_ai'],
    ['AzureOpenAI', 'azure.ai.openai'],
    ['Mistral AI', 'mistral_ai'],
    ['together-ai.chat', 'together'],
    ['llm.internal.example', 'llm.internal.example'],
    ['openai.internal.example', 'openai.internal.example'],
    ['strands-agents', 'strands-agents'],
  ])('the provider %s is %s', (stated, provider) => {
    expect(translate({ ...CHAT, 'gen_ai.system': stated })['gen_ai.provider.name']).toBe(provider);
  });

  it.each([
    ['strands-agents', 'gpt-5-mini', 'openai'],
    ['strands-agents', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'aws.bedrock'],
    ['Langchain', 'claude-sonnet-4-5', 'anthropic'],
    ['', 'text-embedding-3-small', 'openai'],
    ['', 'a-model-of-ones-own', undefined],
    ['llm.internal.example', 'gpt-5-mini', 'llm.internal.example'],
  ])('the provider %j of %s is %s', (stated, model, provider) => {
    const attributes = translate({ ...CHAT, 'gen_ai.system': stated, 'gen_ai.request.model': model });
    expect(attributes['gen_ai.provider.name']).toBe(provider);
  });

  it.each([
    ['openai', 'openai/gpt-5-mini', 'gpt-5-mini'],
    ['azure', 'azure/my-deployment', 'my-deployment'],
    ['openrouter', 'openrouter/openai/gpt-5-mini', 'openai/gpt-5-mini'],
    ['openrouter', 'openai/gpt-5-mini', 'openai/gpt-5-mini'],
    ['openrouter', 'openrouter/auto', 'openrouter/auto'],
    ['openai', '/gpt-5-mini', '/gpt-5-mini'],
    ['groq', 'openai/gpt-oss-20b', 'openai/gpt-oss-20b'],
    ['groq', 'qwen3-32b', 'qwen3-32b'],
    ['aws.bedrock', 'titan-embed-text-v2:0', 'amazon.titan-embed-text-v2:0'],
    ['AWS', 'llama3-3-70b-instruct-v1:0', 'meta.llama3-3-70b-instruct-v1:0'],
    ['aws.bedrock', 'us.amazon.nova-lite-v1:0', 'us.amazon.nova-lite-v1:0'],
    ['aws.bedrock', 'claude-sonnet-4-5-20250929-v1:0', 'claude-sonnet-4-5-20250929-v1:0'],
  ])('of %s the model %s is %s', (provider, stated, model) => {
    const attributes = translate({
      ...CHAT,
      'gen_ai.provider.name': provider,
      'gen_ai.request.model': stated,
      'gen_ai.response.model': stated,
    });
    expect([attributes['gen_ai.request.model'], attributes['gen_ai.response.model']]).toEqual([model, model]);
  });

  it.each([
    ['openai/gpt-5-mini', 200],
    ['gemini-2.5-flash', 250],
    ['projects/p/locations/l/publishers/google/models/gemini-2.5-flash', 250],
  ])('Google’s ADK has counted the thoughts of %s, and its output is %i', (model, output) => {
    const attributes = translate(
      {
        'gen_ai.operation.name': 'generate_content',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': model,
        'gen_ai.usage.output_tokens': 250,
        'gen_ai.usage.reasoning.output_tokens': 50,
      },
      { scopeName: 'gcp.vertex.agent' },
    );
    expect(attributes['gen_ai.usage.output_tokens']).toBe(output);
  });

  it('usage that is 0 throughout was not seen, and a cost of 0 that OpenLIT states is none', () => {
    const zero = { 'gen_ai.usage.prompt_tokens': 0, 'gen_ai.usage.output_tokens': '0' };
    const counts = (attributes: object, scope = 'openlit.otel.tracing') =>
      describeCall(
        viewOf({
          ...{ scope, name: 'x', kind: 3, trace: 1, id: 1, parent: 0 },
          ...{ startUs: 0, endUs: 1, attributes: { ...CHAT, 'gen_ai.system': 'openai', ...attributes } },
        }),
      );
    const model = { 'gen_ai.request.model': 'gpt-5-mini' };
    expect(counts({ ...model, ...zero })).toBe('openai gpt-5-mini chat no_usage');
    const told = { 'gen_ai.usage.input_tokens': 1000, 'gen_ai.usage.cost': 0 };
    expect(counts({ ...model, ...zero, ...told })).toBe('openai gpt-5-mini chat 1000/0/0/0/0 $0.00025');
    expect(counts({ ...model, ...told }, '@openlit/instrumentation-openai')).toMatch(/ \$0.00025$/);
    expect(counts({ 'gen_ai.request.model': 'nobodys', ...told })).toMatch(/ no_price$|unknown_model$/);
  });

  it.each([
    ['acompletion', 'chat'],
    ['aresponses', 'chat'],
    ['aembedding', 'embeddings'],
    ['atext_completion', 'text_completion'],
    ['rerank', 'rerank'],
  ])('LiteLLM’s %s is the operation %s', (stated, operation) => {
    for (const name of ['gen_ai.operation.name', 'llm.request.type'])
      expect(translate({ [name]: stated }, { scopeName: 'litellm' })['gen_ai.operation.name']).toBe(
        operation,
      );
  });

  it('an OpenInference span that names its model among the parameters alone has that one', () => {
    const attributes = translate({
      'openinference.span.kind': 'LLM',
      'llm.system': 'openai',
      'llm.invocation_parameters': '{"model": "gpt-5-mini", "temperature": 0}',
    });
    expect(attributes['gen_ai.request.model']).toBe('gpt-5-mini');
  });

  it('what a span says in the newest names wins over what it says in others', () => {
    const attributes = translate({
      ...CHAT,
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.prompt_tokens': 99,
      'llm.usage.completion_tokens': 5,
      'gen_ai.usage.completion_tokens': 7,
    });
    expect(attributes).toMatchObject({ 'gen_ai.usage.input_tokens': 10, 'gen_ai.usage.output_tokens': 7 });
  });

  it('input that is less than its cached part gets it added, and no other', () => {
    const cached = {
      'gen_ai.usage.cache_read.input_tokens': 300,
      'gen_ai.usage.cache_creation.input_tokens': 200,
    };
    const read = (input: number) =>
      translate({ ...CHAT, ...cached, 'gen_ai.usage.input_tokens': input })['gen_ai.usage.input_tokens'];
    expect([read(20), read(500), read(900)]).toEqual([520, 500, 900]);
  });

  it('OpenLIT and, for JavaScript, OpenLLMetry leave out what Anthropic cached, for Python what Bedrock did', () => {
    const read = (scopeName: string) =>
      translate(
        {
          ...CHAT,
          'gen_ai.usage.input_tokens': 5_000,
          'gen_ai.usage.cache_read.input_tokens': 300,
          'gen_ai.usage.cache_creation.input_tokens': 200,
        },
        { scopeName },
      )['gen_ai.usage.input_tokens'];
    expect(read('@traceloop/instrumentation-anthropic')).toBe(5_500);
    expect(read('@openlit/instrumentation-anthropic')).toBe(5_500);
    expect(read('openlit.instrumentation.anthropic')).toBe(5_500);
    expect(read('opentelemetry.instrumentation.bedrock')).toBe(5_500);
    expect(read('opentelemetry.instrumentation.genai.bedrock')).toBe(5_500);
    expect(read('opentelemetry.instrumentation.botocore.bedrock-runtime')).toBe(5_500);
    expect(read('opentelemetry.instrumentation.anthropic')).toBe(5_000);
  });

  it('version 4 of the AI SDK tells what Anthropic cached in the metadata alone, beside the input', () => {
    const attributes = translate({
      'ai.operationId': 'ai.generateText.doGenerate',
      'ai.model.provider': 'anthropic.messages',
      'ai.response.providerMetadata':
        '{"anthropic":{"cacheCreationInputTokens":200,"cacheReadInputTokens":300}}',
      'ai.usage.promptTokens': 5_000,
      'gen_ai.usage.input_tokens': 5_000,
    });
    expect(attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 5_500,
      'gen_ai.usage.cache_read.input_tokens': 300,
      'gen_ai.usage.cache_write.input_tokens': 200,
    });
  });

  it('old OpenLLMetry spans without an operation are known by the type of their request', () => {
    const attributes = translate({
      'llm.request.type': 'completion',
      'gen_ai.system': 'OpenAI',
      'gen_ai.request.model': 'gpt-3.5-turbo-instruct',
      'llm.usage.prompt_tokens': 3,
    });
    expect(attributes).toMatchObject({
      'gen_ai.operation.name': 'text_completion',
      'gen_ai.provider.name': 'openai',
      'gen_ai.usage.input_tokens': 3,
    });
    const messages = translate({ 'llm.request.type': 'completion' }, { name: 'anthropic.chat' });
    expect(messages['gen_ai.operation.name']).toBe('chat');
    expect(
      translate({ 'traceloop.span.kind': 'workflow', 'traceloop.workflow.name': 'refund' }),
    ).toMatchObject({
      'gen_ai.operation.name': 'invoke_workflow',
      'gen_ai.workflow.name': 'refund',
    });
  });

  const genkit = (output: unknown, name = 'googleai/gemini-2.5-flash') =>
    translate({
      'genkit:metadata:subtype': 'model',
      'genkit:name': name,
      'genkit:output': JSON.stringify(output),
    });

  it('Genkit counts the thoughts of Gemini beside the output, those of OpenAI in it', () => {
    const counts = { inputTokens: 1000, outputTokens: 200, thoughtsTokens: 50, cachedContentTokens: 400 };
    const read = (totalTokens: number) => genkit({ usage: { ...counts, totalTokens } });
    expect(read(1250)).toMatchObject({
      ...PARTS,
      'gen_ai.provider.name': 'gcp.gemini',
      'gen_ai.request.model': 'gemini-2.5-flash',
      'gen_ai.usage.output_tokens': 250,
    });
    expect(read(1200)).toMatchObject(PARTS);
  });

  it('Genkit’s model is what stands behind its first word, and long answers are read', () => {
    const output = { message: 'x'.repeat(100_000), usage: { inputTokens: 1000, outputTokens: 200 } };
    expect(genkit(output, 'openrouter/openai/gpt-5-mini')).toMatchObject({
      'gen_ai.request.model': 'openai/gpt-5-mini',
      'gen_ai.usage.input_tokens': 1000,
    });
    for (const odd of [null, 7, { usage: 7 }, { raw: { usage: 'x', model: 7 } }])
      expect(() => genkit(odd, 'no-slash')).not.toThrow();
  });

  it('Spring AI leaves out what Anthropic cached, and writes counts as text', () => {
    const read = (system: string) =>
      translate(
        {
          ...CHAT,
          'gen_ai.system': system,
          'gen_ai.usage.input_tokens': '5000',
          'gen_ai.usage.cache_read.input_tokens': '300',
          'gen_ai.usage.cache_creation.input_tokens': '200',
        },
        { scopeName: 'org.springframework.boot' },
      )['gen_ai.usage.input_tokens'];
    expect(read('anthropic')).toBe(5500);
    expect(read('openai')).toBe('5000');
  });

  it('spans of costspan, odd values and JSON that is none pass through', () => {
    const own = { 'gen_ai.system': 'OpenAI', ...CHAT };
    expect(translate(own, { scopeName: '@costspan/instrumentation' })).toBe(own);
    const odd = {
      'ai.operationId': 7,
      'ai.response.providerMetadata': '{"openai":',
      'ai.usage.inputTokens': 'x',
    };
    expect(() => translate(odd)).not.toThrow();
    expect(() =>
      translate({ 'langfuse.observation.type': 'generation', 'langfuse.observation.usage_details': '7' }),
    ).not.toThrow();
  });
});
