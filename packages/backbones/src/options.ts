import { BackbonesError } from './error.ts';

/** What an option takes: a test, and the same in words. */
export type Rule = readonly [accepts: (value: unknown) => boolean, words: string];

const isNatural = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 1;

/** What the options that most networks share take. */
export const rules: Readonly<Record<'flag' | 'natural' | 'naturals' | 'positive' | 'rate', Rule>> = {
  flag: [(value) => typeof value === 'boolean', 'true or false'],
  natural: [isNatural, 'a whole number of at least 1'],
  naturals: [(value) => Array.isArray(value) && value.length > 0 && value.every(isNatural), 'a list of whole numbers of at least 1'],
  positive: [(value) => typeof value === 'number' && value > 0 && value < Infinity, 'a positive number'],
  rate: [(value) => typeof value === 'number' && value >= 0 && value < 1, 'a rate in [0, 1)'],
};

export function oneOf(...names: readonly string[]): Rule {
  return [(value) => names.includes(value as string), names.map((name) => `'${name}'`).join(' or ')];
}

export function upTo(most: number): Rule {
  return [(value) => isNatural(value) && (value as number) <= most, `a whole number from 1 to ${most}`];
}

/** A positive multiple of 1/`parts`, so that every channel count is whole. */
export function multipleOf(parts: number): Rule {
  return [(value) => typeof value === 'number' && value > 0 && Number.isInteger(value * parts), `a positive multiple of 1/${parts}`];
}

/** @throws BackbonesError `invalid-option` for the first option that is unknown or wrong; undefined means "not given" */
export function checkOptions(network: string, options: object, known: Readonly<Record<string, Rule>>): void {
  for (const [option, value] of Object.entries(options)) {
    const rule = known[option];
    if (rule === undefined) {
      throw new BackbonesError('invalid-option', `${network}: there is no option ${option}; the options are ${Object.keys(known).join(', ')}.`);
    }
    const [accepts, words] = rule;
    if (value !== undefined && !accepts(value)) {
      throw new BackbonesError('invalid-option', `${network}: ${option} is ${String(value)}; it takes ${words}.`);
    }
  }
}
