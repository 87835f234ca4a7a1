/** Server-sent events, read as the standard says (WHATWG HTML, 9.2.6), as far as tests need it. */
export interface StreamedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

export interface EventStream {
  /** All events until the server ends the stream. */
  untilEnd(): Promise<StreamedEvent[]>;
}

/** @param lastEventId what was seen last, when it is not the first stream */
export async function openEventStream(url: string, lastEventId?: string): Promise<EventStream> {
  const response = await fetch(url, {
    headers: { accept: 'text/event-stream', ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) },
  });
  if (!response.ok || !response.body) throw new Error(`${response.status} ${await response.text()}`);
  const chunks = response.body.pipeThrough(new TextDecoderStream());
  return {
    async untilEnd() {
      let text = '';
      for await (const chunk of chunks) text += chunk;
      return text.split('\n\n').flatMap((block) => eventOf(block) ?? []);
    },
  };
}

function eventOf(block: string): StreamedEvent | undefined {
  const field = (name: string): string => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1] ?? '';
  return field('data') === '' ? undefined : { id: field('id'), event: field('event'), data: field('data') };
}
