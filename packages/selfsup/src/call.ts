import type { CAC, Command } from 'cac';
import { usageError } from './error.ts';

/**
 * Holds a parsed call against the command that it is for.
 * @throws CliError (2) for an option or argument that is unknown, missing or given twice
 */
export function checkCall(program: CAC, command: Command): void {
  const options = [...command.options, ...program.globalCommand.options];
  const known = options.flatMap(({ names }) => names);
  const help = `selfsup ${command.name} --help`;
  for (const name of Object.keys(program.options)) {
    if (name === '--' || known.includes(name)) continue;
    // `-1` looks like an option of its own.
    const at = program.rawArgs.findIndex((word) => /^-\d/.test(word));
    if (/^\d/.test(name) && at > 0) {
      throw usageError(`${program.rawArgs[at - 1]} is followed by ${program.rawArgs[at]}, but nothing here is below 0; see ${help}.`);
    }
    const near = closest(flag(name), known.map(flag));
    throw usageError(`selfsup ${command.name} has no option ${flag(name)}; ${near ? `did you mean ${near}? ` : ''}${help} lists them.`);
  }
  for (const { name, required } of options) {
    const value: unknown = program.options[name];
    if (Array.isArray(value)) throw usageError(`${flag(name)} is given ${value.length} times; give it once.`);
    if (required && typeof value === 'boolean') throw usageError(`${flag(name)} is given without a value; see ${help}.`);
  }
  const missing = command.args.find(({ required }, i) => required && program.args[i] === undefined);
  if (missing) throw usageError(`selfsup ${command.name} needs the ${missing.value}: selfsup ${command.rawName}.`);
  const [extra] = program.args.slice(command.args.length);
  if (extra !== undefined) throw usageError(`selfsup ${command.name} takes no argument "${extra}"; see ${help}.`);
}

/** The options with their values as they were typed: cac makes a number of what looks like one, and 7 of `--name 007`. */
export function typedOptions({ options }: CAC, argv: readonly string[]): Record<string, unknown> {
  const typed = (name: string, value: unknown): unknown => {
    if (typeof value !== 'number') return value;
    const names = [flag(name), `--${name}`];
    const at = argv.findLastIndex((word) => names.some((own) => word === own || word.startsWith(`${own}=`)));
    const word = argv[at] ?? '';
    return word.includes('=') ? word.slice(word.indexOf('=') + 1) : argv[at + 1];
  };
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, typed(name, value)]));
}

/** `batchSize` → `--batch-size`, `x` → `-x` */
export function flag(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The word that takes the fewest changes, if those are few. */
function closest(word: string, words: readonly string[]): string | undefined {
  const near = words.map((other) => ({ other, changes: changesBetween(word, other) })).toSorted((a, b) => a.changes - b.changes);
  return near[0] && near[0].changes <= word.length / 4 ? near[0].other : undefined;
}

/** Levenshtein's distance. */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1])));
    }
    row = next;
  }
  return row[b.length]!;
}
