import type { HistoryEvent } from '../../schemas/history.ts';
import type { Json, JsonObject } from '../../schemas/json.ts';

/** Texts from here on are remembered: shorter ones are quoted as fast as they are compared. */
const LONG = 64;
/** Characters that are the same inside quotes. */
const PLAIN = /^[\w .:/-]*$/;

/**
 * History events as JSON texts, the same as JSON.stringify makes. Data passes from state to state unchanged more often than not, and an
 * event tells it as a text within its text: quoting that anew each time costs more than interpreting the state.
 */
export class EventTexts {
  #text = '';
  #quoted = '""';
  #nested: Json | undefined;
  #nestedText = '';

  of(event: HistoryEvent): string {
    let text = '';
    for (const name in event) {
      const value = event[name as keyof HistoryEvent];
      if (value === undefined) continue;
      const written = typeof value === 'object' ? this.#details(value) : this.#single(value);
      text += text === '' ? `{"${name}":${written}` : `,"${name}":${written}`;
    }
    return `${text}}`;
  }

  #details(details: JsonObject): string {
    let text = '';
    for (const name in details) {
      const value = details[name];
      if (value === undefined) continue;
      const written = typeof value === 'object' ? this.#remembered(value) : this.#single(value);
      text += text === '' ? `{"${name}":${written}` : `,"${name}":${written}`;
    }
    return text === '' ? '{}' : `${text}}`;
  }

  #single(value: string | number | boolean): string {
    if (typeof value !== 'string') return `${value}`;
    if (value.length < LONG) return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
    if (value !== this.#text) {
      this.#text = value;
      this.#quoted = JSON.stringify(value);
    }
    return this.#quoted;
  }

  /** Most details hold the very same object, which says that nothing was truncated. */
  #remembered(value: Json): string {
    if (value !== this.#nested) {
      this.#nested = value;
      this.#nestedText = JSON.stringify(value);
    }
    return this.#nestedText;
  }
}
