import { cac } from 'cac';
import type { CAC } from 'cac';
import pc from 'picocolors';
import { version } from './about.ts';
import { checkCall, typedOptions } from './call.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addEmbedCommand } from './commands/embed.ts';
import { addEvalCommand } from './commands/eval.ts';
import { addExportCommand } from './commands/export.ts';
import { addInfoCommand } from './commands/info.ts';
import { addTrainCommand } from './commands/train.ts';
import { addViewsCommand } from './commands/views.ts';
import { exitCodeOf, reasonOf, usageError } from './error.ts';

/** Runs the command line and answers the exit code: 0, 1 for failed work, 2 for a wrong call, 130 when interrupted. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    return await runCommand(argv[0] === 'help' ? [...argv.slice(1, 2), '--help'] : argv);
  } catch (error) {
    const message = reasonOf(error);
    const code = error instanceof Error && 'code' in error ? { code: error.code } : {};
    if (argv.includes('--json')) process.stdout.write(`${JSON.stringify({ type: 'error', message, ...code, exitCode: exitCodeOf(error) })}\n`);
    process.stderr.write(`${pc.red('error')} ${message}\n`);
    if (argv.includes('--stack') && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return exitCodeOf(error);
  }
}

async function runCommand(argv: readonly string[]): Promise<number> {
  const program = createProgram();
  program.parse(['node', 'selfsup', ...argv], { run: false });
  const { options, args, matchedCommand: command } = program;
  if (command === undefined && args[0] !== undefined) {
    const known = program.commands.map(({ name }) => name).join(', ');
    throw usageError(`There is no command "${args[0]}"; choose one of ${known}, or see selfsup --help.`);
  }
  if (options['help'] || options['version']) return 0;
  if (command === undefined) {
    program.outputHelp();
    return 2;
  }
  checkCall(program, command);
  program.options = typedOptions(program, argv);
  return ((await program.runMatchedCommand()) as number | undefined) ?? 0;
}

function createProgram(): CAC {
  const program = cac('selfsup');
  addTrainCommand(program);
  addEvalCommand(program);
  addEmbedCommand(program);
  addExportCommand(program);
  addInfoCommand(program);
  addViewsCommand(program);
  addDoctorCommand(program);
  addDemoCommand(program);
  program.option('--stack', 'Print the stack trace of an error');
  program.help();
  program.version(version());
  return program;
}
