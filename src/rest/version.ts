/** The version of the API; the path has the major one. */
export const API_VERSION = '1.0.0';
