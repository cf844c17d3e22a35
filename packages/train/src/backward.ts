import { add, dispose, engine, getBackend, getKernel, ones, tidy } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';

const ACCUMULATE = 'SelfsupAccumulate';

/** Says of a slope that nobody reads it again after the node that it is passed to, so that the node may write over it; see docs/architecture.md. */
const givenUp = Symbol.for('selfsup.givenUp');

/** The value of a function and its gradient for each variable, `undefined` where it does not depend on the variable. */
export interface ValueAndGradients {
  readonly value: Scalar;
  readonly gradients: readonly (Tensor | undefined)[];
}

type TapeNode = ReturnType<typeof engine>['state']['activeTape'][number];

/**
 * What `variableGrads` computes, in the memory that it needs.
 *
 * tfjs keeps every activation and every intermediate gradient until the backward pass has ended. Here the gradient of an
 * output is freed once it has been passed on to the inputs, and what the forward pass saved for a node once the node
 * has been differentiated, so that the memory falls while the pass goes back. It reads the engine's tape, which is
 * public in the types of tfjs 4; the gradients of the ops are tfjs' own.
 * @throws Error when f's value does not depend on any of the variables, or an op on the way has no gradient
 */
export function valueAndGradients(f: () => Scalar, variables: readonly Variable[]): ValueAndGradients {
  const { state } = engine();
  if (state.gradientDepth !== 0) throw new Error('valueAndGradients does not nest within another gradient.');
  const tape: TapeNode[] = [];
  try {
    const value = record(tape, f);
    const path = between(tape, variables, value);
    if (path.length === 0) throw new Error('The loss does not depend on any parameter of the method, so nothing can be learned.');
    return { value, gradients: walkBack(path, variables, value) };
  } finally {
    for (const node of tape) dispose(node.saved ?? []);
    state.activeTape = [];
  }
}

function record(tape: TapeNode[], f: () => Scalar): Scalar {
  const { state } = engine();
  state.activeTape = tape;
  state.gradientDepth++;
  try {
    return tidy(f);
  } finally {
    state.gradientDepth--;
  }
}

/** The nodes on the way from the variables to the value, in order, each with the inputs that depend on a variable. */
function between(tape: readonly TapeNode[], variables: readonly Variable[], value: Scalar): TapeNode[] {
  const fromVariables = new Set(variables.map(({ id }) => id));
  const downstream: TapeNode[] = [];
  for (const node of tape) {
    const inputs = Object.entries(node.inputs).filter(([, { id }]) => fromVariables.has(id));
    if (inputs.length === 0) continue;
    for (const { id } of node.outputs) fromVariables.add(id);
    downstream.push({ ...node, inputs: Object.fromEntries(inputs) });
  }
  const leadsToValue = new Set([value.id]);
  const path: TapeNode[] = [];
  for (const node of downstream.toReversed()) {
    if (!node.outputs.some(({ id }) => leadsToValue.has(id))) continue;
    for (const { id } of Object.values(node.inputs)) leadsToValue.add(id);
    path.unshift(node);
  }
  return path;
}

function walkBack(path: readonly TapeNode[], variables: readonly Variable[], value: Scalar): (Tensor | undefined)[] {
  const gradients = new Map<number, Tensor>();
  tidy(() => {
    gradients.set(value.id, ones(value.shape));
    for (const node of path.toReversed()) {
      const inputs = Object.entries(node.inputs);
      const passedOn = tidy(() => inputGradients(node, gradients));
      for (const { id } of node.outputs) {
        gradients.get(id)?.dispose();
        gradients.delete(id);
      }
      dispose(node.saved ?? []);
      for (const [index, [, { id }]] of inputs.entries()) accumulate(id, passedOn[index]!, gradients);
    }
    return variables.flatMap(({ id }) => gradients.get(id) ?? []);
  });
  return variables.map(({ id }) => gradients.get(id));
}

/** dx of each input of a node, in the order of `node.inputs`; each a tensor of its own, so that freeing one frees no other. */
function inputGradients(node: TapeNode, gradients: ReadonlyMap<number, Tensor>): Tensor[] {
  if (!node.gradient) throw new Error(`tfjs has no gradient for ${node.kernelName}, which the loss goes through.`);
  const dys = node.outputs.map(({ id }) => gradients.get(id));
  for (const dy of dys) if (dy) (dy as Tensor & { [givenUp]?: boolean })[givenUp] = true;
  const taken = new Set([...dys, ...(node.saved ?? [])]);
  // tfjs reads an absent dy as zeros, whatever its types say.
  const byInput = node.gradient(dys as Tensor[]);
  return Object.entries(node.inputs).map(([name, x]) => {
    const dx = byInput[name]?.();
    if (dx?.shape.join() !== x.shape.join()) {
      throw new Error(`The gradient of ${node.kernelName} for its input "${name}" has not the shape [${x.shape.join(', ')}] of the input.`);
    }
    const own = taken.has(dx) ? dx!.clone() : dx!;
    taken.add(own);
    return own;
  });
}

function accumulate(id: number, dx: Tensor, gradients: Map<number, Tensor>): void {
  const sum = gradients.get(id);
  gradients.set(id, sum ? accumulated(sum, dx) : dx);
  if (!sum) return;
  sum.dispose();
  dx.dispose();
}

/** sum + dx, in the storage of the sum where the backend can: the sum is not read again, and a clone of it stays as it was. */
function accumulated(sum: Tensor, dx: Tensor): Tensor {
  if (getKernel(ACCUMULATE, getBackend()) === undefined) return add(sum, dx);
  return engine().runKernel(ACCUMULATE, { sum, x: dx });
}
