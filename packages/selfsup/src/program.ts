import { createRequire } from 'node:module';
import { cac } from 'cac';
import pc from 'picocolors';
import { addDemoCommand } from './commands/demo.ts';
import { addEmbedCommand } from './commands/embed.ts';
import { addEvalCommand } from './commands/eval.ts';
import { addTrainCommand } from './commands/train.ts';
import { exitCodeOf, usageError } from './error.ts';

/** Runs the command line and answers the exit code: 0, 1 for failed work, 2 for a wrong call, 130 when interrupted. */
export async function run(argv: readonly string[]): Promise<number> {
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
  const program = cac('selfsup');
  addTrainCommand(program);
  addEvalCommand(program);
  addEmbedCommand(program);
  addDemoCommand(program);
  program.option('--stack', 'Print the stack trace of an error');
  program.help();
  program.version(version);
  try {
    program.parse(['node', 'selfsup', ...argv], { run: false });
    const { options, args } = program;
    if (options['help'] || options['version']) return 0;
    if (!program.matchedCommand) {
      if (args.length === 0) {
        program.outputHelp();
        return 2;
      }
      const known = program.commands.map(({ name }) => name).join(', ');
      throw usageError(`There is no command "${args[0]}"; choose one of ${known}, or see selfsup --help.`);
    }
    const code = (await program.runMatchedCommand()) as number | undefined;
    return code ?? 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${pc.red('error')} ${message}\n`);
    if (argv.includes('--stack') && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return exitCodeOf(error);
  }
}
