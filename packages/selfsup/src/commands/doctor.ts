import type { CAC } from 'cac';
import { backendHelp, defaultBackend, parseBackend } from '../backends/names.ts';
import type { BackendName, ConcreteBackend } from '../backends/names.ts';
import { adviceFor } from '../doctor/advice.ts';
import { checkBackend, checkBackends } from '../doctor/backends.ts';
import type { BackendCheck } from '../doctor/backends.ts';
import { runBenchmark } from '../doctor/benchmark.ts';
import { describeDiagnosis } from '../doctor/describe.ts';
import type { Diagnosis } from '../doctor/describe.ts';
import { inspectFastJpeg, inspectImages } from '../doctor/images.ts';
import { inspectMachine } from '../doctor/machine.ts';
import { inspectWasm } from '../doctor/wasm.ts';
import { createReporter } from '../reporter.ts';

interface DoctorFlags {
  readonly backend?: string;
  readonly quick?: boolean;
  readonly json?: boolean;
}

export function addDoctorCommand(program: CAC): void {
  program
    .command('doctor', 'Say what this machine can train with: versions, backends and why others are missing, limits, speed')
    .option('--backend <name>', `Look at this one alone. ${backendHelp}`)
    .option('--quick', 'Leave out the benchmark, which takes a second')
    .option('--json', 'Print one JSON object instead of text')
    .example('selfsup doctor')
    .example('selfsup doctor --backend webgpu')
    .action(doctor);
}

/** Exit code 0: a training is possible. 1: it is not, and the output says why. */
async function doctor({ backend: wish, quick = false, json = false }: DoctorFlags): Promise<number> {
  const reporter = createReporter({ json });
  const diagnosis = await diagnose(parseBackend(wish ?? defaultBackend), quick);
  reporter.say(describeDiagnosis(diagnosis));
  reporter.record({ type: 'doctor', ready: diagnosis.backend !== null, ...diagnosis });
  return diagnosis.backend === null ? 1 : 0;
}

async function diagnose(wish: BackendName, quick: boolean): Promise<Diagnosis> {
  const checks = wish === 'auto' ? await checkBackends() : [await checkBackend(wish)];
  const backend = await takeFirst(wish === 'auto' ? ['node-gpu', 'wasm'] : [wish], checks);
  const benchmark = backend === null || quick ? null : await runBenchmark();
  const wasm = backend === 'wasm' ? await inspectWasm() : null;
  const found = { ...inspectMachine(), backend, backends: checks, wasm, images: await inspectImages(), fastJpeg: await inspectFastJpeg(), benchmark };
  return { ...found, advice: adviceFor(found) };
}

/** The first of these backends that works, in use from now on. */
async function takeFirst(wanted: readonly ConcreteBackend[], checks: readonly BackendCheck[]): Promise<ConcreteBackend | null> {
  for (const name of wanted) {
    if (checks.some((check) => check.name === name && check.usable) && (await checkBackend(name)).usable) return name;
  }
  return null;
}
