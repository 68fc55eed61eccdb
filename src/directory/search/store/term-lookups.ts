import type { OrgId } from '../../ids.ts';
import type { Field, Predicate } from '../predicate.ts';
import { isSureKey, TermHash, termKey } from '../terms.ts';

/** What the terms of a document must be for it to fulfil a predicate. */
export interface TermCondition {
  /** Of each of them, the document has a term. */
  readonly clauses: readonly (readonly bigint[])[];
  /** Whether every document that has them fulfils the predicate. */
  readonly isExact: boolean;
}

/** @returns undefined if the terms cannot tell what fulfils the predicate */
export function termCondition(predicate: Predicate, org: OrgId): TermCondition | undefined {
  const hashes = new TermHash(org);
  return conditionOf(predicate, [], hashes) ?? presenceOf(predicate, [], hashes);
}

/**
 * What must be there for a document to fulfil a predicate that compares otherwise than by `eq`: few have some attributes.
 * @param path of the collection whose element is meant
 */
function presenceOf(
  predicate: Predicate,
  path: readonly string[],
  hashes: TermHash,
): TermCondition | undefined {
  const presence = (keys: readonly string[]) => ({ clauses: [[hashes.presence(keys)]], isExact: false });
  switch (predicate.kind) {
    case 'and':
      return predicate.all.map((each) => presenceOf(each, path, hashes)).find((each) => each !== undefined);
    case 'or':
      return alternatives(
        predicate.all.map((each) => conditionOf(each, path, hashes) ?? presenceOf(each, path, hashes)),
      );
    case 'some': {
      if (predicate.collection.kind === 'named') return undefined;
      const { keys } = predicate.collection;
      return (predicate.where && presenceOf(predicate.where, keys, hashes)) ?? presence(keys);
    }
    case 'compare': {
      const { field, comparator, value } = predicate;
      // An empty text has no term. It is less than others, and has no part.
      const mayBeEmpty = value === '' || comparator === 'lt' || comparator === 'le';
      return field.kind === 'named' || mayBeEmpty ? undefined : presence([...path, ...field.keys]);
    }
    default:
      return undefined;
  }
}

/** @param path of the collection whose element is meant */
function conditionOf(
  predicate: Predicate,
  path: readonly string[],
  hashes: TermHash,
): TermCondition | undefined {
  switch (predicate.kind) {
    case 'and':
      return allOf(predicate.all, path, hashes);
    case 'or':
      return alternatives(predicate.all.map((each) => conditionOf(each, path, hashes)));
    case 'not':
      return undefined;
    case 'some': {
      if (predicate.collection.kind === 'named') return undefined;
      const { keys } = predicate.collection;
      return predicate.where === undefined
        ? { clauses: [[hashes.presence(keys)]], isExact: true }
        : conditionOf(predicate.where, keys, hashes);
    }
    case 'present':
      if (predicate.field.kind === 'named') return undefined;
      return {
        clauses: [[hashes.presence([...path, ...predicate.field.keys])]],
        isExact: predicate.field.keys.length > 0,
      };
    case 'compare':
      return predicate.comparator === 'eq'
        ? among(predicate.field, [predicate.value], path, hashes)
        : undefined;
    case 'among':
      return among(predicate.field, predicate.values, path, hashes);
  }
}

/** What cannot be told of a part is left out. Several conditions on one element may be met by different elements. */
function allOf(
  all: readonly Predicate[],
  path: readonly string[],
  hashes: TermHash,
): TermCondition | undefined {
  const known = all.map((each) => conditionOf(each, path, hashes)).filter((each) => each !== undefined);
  if (known.length === 0) return undefined;
  const isWhole = known.length === all.length && (path.length === 0 || all.length === 1);
  return {
    clauses: known.flatMap(({ clauses }) => clauses),
    isExact: isWhole && known.every(({ isExact }) => isExact),
  };
}

/** Of an alternative that demands several terms, one is enough to find it. */
function alternatives(known: readonly (TermCondition | undefined)[]): TermCondition | undefined {
  if (!known.every((each) => each !== undefined)) return undefined;
  return {
    clauses: [known.flatMap(({ clauses }) => clauses[0] ?? [])],
    isExact: known.every(({ clauses, isExact }) => isExact && clauses.length === 1),
  };
}

function among(
  field: Field,
  values: readonly (string | number | boolean)[],
  path: readonly string[],
  hashes: TermHash,
): TermCondition | undefined {
  if (field.kind === 'named' || field.type === 'instant') return undefined;
  const keys = [...path, ...field.keys];
  const isText = field.type === 'text';
  const terms = new Set(values.map((value) => hashes.value(keys, String(value))));
  // Postgres reads numbers that JavaScript does not write the same.
  const isOther = isText || values.some((value) => !Number.isSafeInteger(value));
  if (field.type !== 'boolean' && isOther) terms.add(hashes.otherNumber(keys));
  const isExact = isText && !field.caseExact && values.every((value) => isSureKey(termKey(String(value))));
  return { clauses: [[...terms]], isExact };
}
