// A voice application on Google's live sessions: `node live.mjs <package>` talks to the server at CONFORMANCE_ORIGIN
// and prints the messages that it saw.

const [, , packageName] = process.argv;
const { GoogleGenAI } = await import(packageName);
const baseUrl = process.env.CONFORMANCE_ORIGIN;

async function talk(ai) {
  const seen = [];
  let isOver = () => undefined;
  const onmessage = (message) => {
    seen.push(message);
    if (message.serverContent?.turnComplete) isOver();
  };
  let onclose = () => undefined;
  const closed = new Promise((resolve) => {
    onclose = resolve;
  });
  const session = await ai.live.connect({
    model: 'gemini-live-2.5-flash',
    config: { responseModalities: ['AUDIO'] },
    callbacks: { onmessage, onclose: () => onclose() },
  });
  for (let turn = 0; turn < 4; turn += 1) {
    const over = new Promise((resolve) => {
      isOver = resolve;
    });
    session.sendClientContent({ turns: 'canary-prompt: how far is the moon?', turnComplete: true });
    await Promise.race([over, closed]);
  }
  await closed;
  return seen;
}

async function play(ai) {
  const seen = [];
  let onPlayed = () => undefined;
  const played = new Promise((resolve) => {
    onPlayed = resolve;
  });
  const session = await ai.live.music.connect({
    model: 'models/lyria-realtime-exp',
    callbacks: {
      onmessage: (message) => {
        seen.push(message);
        if (message.serverContent) onPlayed();
      },
      onerror: () => undefined,
      onclose: () => undefined,
    },
  });
  session.play();
  await played;
  session.close();
  return seen;
}

const gemini = new GoogleGenAI({ apiKey: 'canary-key', httpOptions: { baseUrl } });
console.log(JSON.stringify({ scenario: 'live', observed: await talk(gemini) }));
console.log(JSON.stringify({ scenario: 'music', observed: await play(gemini) }));
await new Promise((resolve) => setTimeout(resolve, 250));
