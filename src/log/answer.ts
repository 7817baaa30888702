import { readText } from './format/text.js';

/** The body of what another server answered; undefined if it is longer than anything that we asked for. */
export async function readAnswer(response: Response, mostBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    // Leaving the loop ends the connection.
    if (bytes > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return readText(Buffer.concat(chunks));
}
