/** An instant of a timestamp as the Amazon States Language writes them, to the nanosecond. */
export interface Timestamp {
  /** Epoch milliseconds, rounded down. */
  readonly ms: number;
  /** Nanoseconds beyond `ms`. */
  readonly nanos: number;
}

// RFC 3339 with an upper-case T and Z, as the specification of the language restricts it.
const FORM = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const MAX_OFFSET_MINUTES = 18 * 60;

/** The instant that an RFC 3339 timestamp names; undefined when the text is none. Reads no clock. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const parts = FORM.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const offset = offsetMinutes(parts[8], parts[9], parts[10]);
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  if (!isDate || hour > 23 || minute > 59 || second > 59 || Math.abs(offset) > MAX_OFFSET_MINUTES) return undefined;
  const fraction = Number((parts[7] ?? '').padEnd(9, '0'));
  const minutes = (daysSinceEpoch(year, month, day) * 24 + hour) * 60 + minute - offset;
  return { ms: (minutes * 60 + second) * 1000 + Math.floor(fraction / 1e6), nanos: fraction % 1e6 };
}

/** Negative when `left` is earlier, positive when it is later, 0 when they are the same instant. */
export const compareTimestamps = (left: Timestamp, right: Timestamp): number =>
  left.ms - right.ms || left.nanos - right.nanos;

function offsetMinutes(sign: string | undefined, hours: string | undefined, minutes: string | undefined): number {
  if (sign === undefined) return 0;
  if (Number(minutes) > 59) return Number.POSITIVE_INFINITY;
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
}

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const daysIn = (year: number, month: number): number =>
  month === 2 && isLeap(year) ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);

/** Days from 1970-01-01, by counting in years that begin in March, so that a leap day is a year's last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const monthFromMarch = (month + 9) % 12;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((153 * monthFromMarch + 2) / 5) + day - 1 - 719_468;
}
