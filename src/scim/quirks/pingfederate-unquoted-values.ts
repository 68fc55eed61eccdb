/*
 * PingFederate, PingOne, and Entra ID in some of its documents: a comparison value without quotes.
 *
 * Sent:   filter=userName eq jyoung
 * Legal:  filter=userName eq "jyoung"                                   RFC 7644 §3.4.2.2
 */
import type { Quirk } from './dialect.ts';

export const pingfederateUnquotedValues: Quirk = {
  name: 'pingfederate-unquoted-values',
  bareWord: (word) => word,
};
