import pg from 'pg';

const INT8 = 20;

/** How results become values: a bigint is a number here (versions and counts stay far below 2^53). */
export const valueParsers: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format),
};
