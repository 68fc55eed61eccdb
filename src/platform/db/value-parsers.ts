import pg from 'pg';

const INT8 = 20;
const TIMESTAMPTZ = 1184;

/** A time as Postgres writes it in UTC (`2026-11-24 04:46:27.56+00`) in ISO 8601 with milliseconds. */
function toIso(text: string): string {
  if (!text.endsWith('+00')) return new Date(text).toISOString();
  const fraction = text.slice(20, -3).padEnd(3, '0').slice(0, 3);
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction}Z`;
}

/** How results become values: a bigint is a number (versions and counts stay far below 2^53), a time is ISO 8601. */
export const valueParsers: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => {
    if (oid === INT8) return Number;
    if (oid === TIMESTAMPTZ) return toIso;
    return pg.types.getTypeParser(oid, format);
  },
};
