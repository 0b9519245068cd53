import { expect, it } from 'vitest';
import { leadsToModels, readHost } from '../../src/providers/hosts.ts';

const read = (baseUrl: string | undefined, classNames: string[] = []) =>
  readHost({ baseUrl, classNames }, 'openai');

it.each([
  ['https://api.openai.com/v1', 'openai', undefined],
  ['https://eu.api.openai.com/v1', 'openai', 'eu'],
  ['https://my-resource.openai.azure.com/openai', 'azure.ai.openai', undefined],
  ['https://my-resource.cognitiveservices.azure.com/openai/v1', 'azure.ai.openai', undefined],
  ['https://my-resource.services.ai.azure.com/openai/v1', 'azure.ai.openai', undefined],
  ['https://my-resource.services.ai.azure.com/models', 'azure.ai.inference', undefined],
  ['https://openrouter.ai/api/v1', 'openrouter', undefined],
  ['https://api.groq.com/openai/v1', 'groq', undefined],
  ['https://api.deepseek.com', 'deepseek', undefined],
  ['https://api.x.ai/v1', 'x_ai', undefined],
  ['https://us-east-1.api.x.ai/v1', 'x_ai', 'us'],
  ['https://api.together.xyz/v1', 'together', undefined],
  ['https://api.fireworks.ai/inference/v1', 'fireworks', undefined],
  ['https://api.mistral.ai/v1', 'mistral_ai', undefined],
  ['https://api.perplexity.ai', 'perplexity', undefined],
  ['https://api.cerebras.ai/v1', 'cerebras', undefined],
  ['https://dashscope-intl.aliyuncs.com/compatible-mode/v1', 'alibaba', undefined],
  ['https://generativelanguage.googleapis.com/v1beta/openai/', 'gcp.gemini', undefined],
  ['https://bedrock-mantle.us-west-2.api.aws/openai/v1', 'aws.bedrock', 'us-west-2'],
  ['https://bedrock-runtime.cn-north-1.amazonaws.com.cn', 'aws.bedrock', 'cn-north-1'],
  ['https://router.huggingface.co/v1', 'huggingface', undefined],
  ['https://api.z.ai/api/paas/v4', 'z_ai', undefined],
  ['https://a1.eu-west-1.aws.endpoints.huggingface.cloud/v1', 'huggingface', undefined],
  ['https://vpce-1a-2b.bedrock-runtime.eu-west-1.vpce.amazonaws.com/model/m', 'aws.bedrock', 'eu-west-1'],
  ['https://chatgpt.com/backend-api/codex', 'chatgpt', undefined],
  ['https://corp.azure-api.net/llm/openai/deployments/gpt-4o', 'azure.ai.openai', undefined],
  ['https://corp.azure-api.net/orders', 'openai', undefined],
  ['https://api.cloudflare.com/client/v4/accounts/a1b2/ai/v1', 'cloudflare', undefined],
  ['https://api.cloudflare.com/client/v4/accounts/a1b2/storage', 'openai', undefined],
  ['https://adb-1.7.azuredatabricks.net/serving-endpoints', 'databricks', undefined],
  ['https://us-south.ml.cloud.ibm.com', 'ibm.watsonx.ai', undefined],
  ['https://cpd-watsonx.apps.example.com/ml/v1/text/chat_stream', 'ibm.watsonx.ai', undefined],
  ['https://cpd.example.com/ml/v1/deployments/d-1/text/generation', 'ibm.watsonx.ai', undefined],
  ['https://shop.example.com/ml/v1/text/classify', 'openai', undefined],
  ['https://api.studio.nebius.com/v1', 'nebius', undefined],
  ['https://api.moonshot.ai/v1', 'moonshot_ai', undefined],
  // Gateways that name the provider in their address.
  ['https://gateway.ai.cloudflare.com/v1/a1b2/main/groq', 'groq', undefined],
  ['https://gateway.ai.cloudflare.com/v1/a1b2/main/google-ai-studio/v1beta', 'gcp.gemini', undefined],
  ['https://gateway.ai.cloudflare.com/v1/a1b2/main/azure-openai/res/dep', 'azure.ai.openai', undefined],
  ['https://gateway.ai.cloudflare.com/v1/a1b2/main/compat', 'openai', undefined],
  ['https://groq.helicone.ai/openai/v1', 'groq', undefined],
  // Somebody else's host that only looks like one keeps the SDK's provider.
  ['https://api.groq.com.example.org/openai/v1', 'openai', undefined],
  ['https://gateway.ai.cloudflare.com/v1/a1b2/main/groq-mine', 'openai', undefined],
  ['https://gateway.example.org/api.groq.com/v1', 'openai', undefined],
])('%s is %s', (baseUrl, provider, region) => {
  expect(read(baseUrl)).toEqual({
    provider,
    serverAddress: new URL(baseUrl).hostname,
    serverPort: 443,
    region,
  });
});

it('keeps the SDK provider for a test server, and Ollama for its own port', () => {
  expect(read('http://127.0.0.1:40001/v1')).toEqual({
    provider: 'openai',
    serverAddress: '127.0.0.1',
    serverPort: 40001,
    region: undefined,
  });
  expect(read('http://localhost:11434/v1').provider).toBe('ollama');
  expect(read('http://models.internal:11434/v1').provider).toBe('ollama');
  expect(read('http://models.internal:1143/v1').provider).toBe('openai');
  expect(read('http://gateway.internal/v1').serverPort).toBe(80);
  expect(read('http://[::1]:8080/v1')).toMatchObject({ serverAddress: '::1', serverPort: 8080 });
});

it('lets the client class speak where the host is unknown, through subclasses too', () => {
  expect(read('https://llm.example.org/openai', ['AzureOpenAI', 'OpenAI']).provider).toBe('azure.ai.openai');
  expect(read('https://llm.example.org', ['MyClient', 'BedrockOpenAI', 'OpenAI']).provider).toBe(
    'aws.bedrock',
  );
  expect(read('https://api.groq.com/openai/v1', ['AzureOpenAI', 'OpenAI']).provider).toBe('groq');
  expect(read('https://llm.example.org', ['constructor', '__proto__', 't', 'e']).provider).toBe('openai');
});

it.each([undefined, '', 'not a url', '/v1'])('has no address for %s', (baseUrl) => {
  expect(read(baseUrl)).toEqual({
    provider: 'openai',
    serverAddress: undefined,
    serverPort: undefined,
    region: undefined,
  });
});

it.each([
  ['https://gateway.ai.cloudflare.com/v1/a1b2/main/compat/chat/completions', 'known'],
  ['https://ai-gateway.vercel.sh/v1/chat/completions', 'known'],
  ['https://api.portkey.ai/v1/chat/completions', 'known'],
  ['https://api.openai.com/v1/models', 'known'],
  ['https://api.portkey.ai.example.org/v1/chat/completions', 'elsewhere'],
  ['https://api.openai.com.example.org/v1/chat/completions', 'elsewhere'],
  ['http://litellm:4000/v1/messages', 'elsewhere'],
  ['http://10.0.0.7/llm/v1beta/models/gemini-2.5-flash:streamGenerateContent', 'elsewhere'],
  ['http://litellm:4000/responses', 'elsewhere'],
  ['https://ollama.example/api/chat', 'elsewhere'],
  ['https://aws.example/model/eu.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse-stream', 'elsewhere'],
  [
    'https://aws.example/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fp1/invoke',
    'elsewhere',
  ],
  ['https://chatgpt.com/backend-api/codex/responses', 'known'],
  ['https://chatgpt.com/backend-api/conversations', undefined],
  ['https://shop.example/model/toaster.deluxe/invoke', undefined],
  ['https://shop.example/api/chats', undefined],
  ['https://shop.example/v1/messages/7', undefined],
  ['https://shop.example/messages', undefined],
  ['https://shop.example/v1/orders', undefined],
])('%s leads to models: %s', (url, leads) => {
  expect(leadsToModels(url)).toBe(leads);
});
