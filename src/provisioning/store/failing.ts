/** Failures in a row from which a connection counts as failing: one or two happen while a directory or this server restarts. */
export const FAILURES_IN_A_ROW = 3;

/**
 * Whether a request of the log shows that its connection works: it succeeded, or it was told what a directory may ask and
 * has to learn, that a user or group is not there (404), that a name is taken (409), that a version is old (412). What no
 * directory should meet again and again does not: a token that is not valid, too many requests, an error of the server, a
 * body that is refused, an address that leads nowhere.
 * @param row the alias of a row of scim_requests
 */
export const showsThatItWorks = (row: string): string =>
  `(${row}.status < 400 or ${row}.status in (409, 412)
    or (${row}.status = 404 and coalesce(${row}.user_id, ${row}.group_id) is not null))`;
