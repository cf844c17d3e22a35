/** Whole numbers alone; a float is marked, since JavaScript cannot tell 1 from 1.0. */
export type Attribute = number | readonly number[] | { readonly float: number };

/** One operation. */
export interface Node {
  readonly op: string;
  /** The layer that it comes from. */
  readonly name: string;
  inputs: readonly string[];
  outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** Values that are part of the file: float32, or whole numbers such as a shape. */
export interface Constant {
  readonly dims: readonly number[];
  readonly data: Float32Array | readonly bigint[];
}

/** A tensor that flows through the graph; what is not known is the batch. */
export interface Port {
  readonly name: string;
  /** Without the batch. */
  readonly dims: readonly number[];
}

/** A graph of ONNX operations, in an order that they can be computed in. */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly constants: Map<string, Constant>;
  readonly input: Port;
  readonly output: Port;
}

/** A graph that is being made. */
export interface GraphBuilder {
  /** Adds an operation and answers the name of its first output. */
  readonly add: (layer: string, op: string, inputs: readonly string[], attributes?: Node['attributes']) => string;
  /** The same, with several outputs. */
  readonly addMany: (layer: string, op: string, inputs: readonly string[], outputs: number, attributes?: Node['attributes']) => readonly string[];
  readonly floats: (name: string, data: Float32Array | readonly number[], dims?: readonly number[]) => string;
  readonly integers: (name: string, data: readonly number[], dims?: readonly number[]) => string;
  readonly nodes: readonly Node[];
  readonly constants: Map<string, Constant>;
}

export function graphBuilder(): GraphBuilder {
  const nodes: Node[] = [];
  const constants = new Map<string, Constant>();
  const taken = new Set<string>();
  const free = (name: string): string => {
    let own = name;
    for (let i = 1; taken.has(own); i++) own = `${name}.${i}`;
    taken.add(own);
    return own;
  };
  const addMany: GraphBuilder['addMany'] = (layer, op, inputs, count, attributes = {}) => {
    const outputs = Array.from({ length: count }, () => free(layer));
    nodes.push({ op, name: free(`${layer}/${op}`), inputs, outputs, attributes });
    return outputs;
  };
  const constant = (name: string, value: Constant): string => {
    const own = free(name);
    constants.set(own, value);
    return own;
  };
  return {
    nodes,
    constants,
    addMany,
    add: (layer, op, inputs, attributes) => addMany(layer, op, inputs, 1, attributes)[0]!,
    floats: (name, data, dims = [data.length]) => constant(name, { dims, data: data instanceof Float32Array ? data : Float32Array.from(data) }),
    integers: (name, data, dims = [data.length]) => constant(name, { dims, data: data.map(BigInt) }),
  };
}
