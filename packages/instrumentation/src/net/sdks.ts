/** An SDK that nothing is patched in: what it sends is known by its host and path. */
export interface WireSdk {
  readonly package: string;
  /** Whether what it is answered says what was used; else its calls are counted without a price. */
  readonly isRead: boolean;
}

/** For `costspan doctor`, which tells that they are seen; nothing at work asks. */
export const WIRE_SDKS: readonly WireSdk[] = [
  { package: '@azure-rest/ai-inference', isRead: true },
  { package: '@deepgram/sdk', isRead: true },
  { package: '@elevenlabs/elevenlabs-js', isRead: true },
  { package: 'elevenlabs', isRead: true },
  { package: '@fal-ai/client', isRead: false },
  { package: '@google-cloud/aiplatform', isRead: false },
  { package: '@huggingface/inference', isRead: true },
  { package: '@ibm-cloud/watsonx-ai', isRead: true },
  { package: 'assemblyai', isRead: false },
  { package: 'deepinfra', isRead: true },
  { package: 'replicate', isRead: false },
];
