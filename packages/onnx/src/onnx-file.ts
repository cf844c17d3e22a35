import { OnnxError } from './error.ts';
import type { Attribute, Constant, Graph, Node, Port } from './graph.ts';
import { bytesField, floatField, intField, message, messageField, textField, toBytes } from './protobuf.ts';
import type { Encoded } from './protobuf.ts';

/** The versions of ONNX 1.12: operators and file format. */
const opset = 17;
const irVersion = 8;

/** No protobuf message may be longer. */
const mostBytes = 2 ** 31 - 1;

/** Numbers of the fields and enums of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. */
const field = {
  model: { irVersion: 1, producer: 2, graph: 7, opsets: 8, metadata: 14 },
  opset: { domain: 1, version: 2 },
  graph: { nodes: 1, name: 2, constants: 5, inputs: 11, outputs: 12 },
  node: { inputs: 1, outputs: 2, name: 3, op: 4, attributes: 5 },
  attribute: { name: 1, float: 2, int: 3, ints: 8, type: 20 },
  tensor: { dims: 1, type: 2, name: 8, bytes: 9 },
  port: { name: 1, type: 2, tensor: 1, elements: 1, shape: 2, dims: 1, size: 1, symbol: 2 },
  entry: { key: 1, value: 2 },
} as const;
const attributeType = { float: 1, int: 2, ints: 7 } as const;
const elementType = { float: 1, int64: 7 } as const;

/**
 * The bytes of an ONNX file.
 * @throws OnnxError `model-too-large`
 */
export function encodeOnnx(graph: Graph, metadata: Readonly<Record<string, string>>): Uint8Array {
  const of = field.model;
  const file = message(
    intField(of.irVersion, irVersion),
    textField(of.producer, 'selfsup'),
    messageField(of.graph, encodeGraph(graph)),
    messageField(of.opsets, message(textField(field.opset.domain, ''), intField(field.opset.version, opset))),
    ...Object.entries(metadata).map(([key, value]) => messageField(of.metadata, message(textField(field.entry.key, key), textField(field.entry.value, value)))),
  );
  if (file.size > mostBytes) {
    throw new OnnxError('model-too-large', `${graph.name} takes ${file.size} bytes, and an ONNX file holds ${mostBytes}; export a smaller network, or safetensors.`);
  }
  return toBytes(file);
}

function encodeGraph({ name, nodes, constants, input, output }: Graph): Encoded {
  const of = field.graph;
  return message(
    ...nodes.map((node) => messageField(of.nodes, encodeNode(node))),
    textField(of.name, name),
    ...[...constants].map(([key, constant]) => messageField(of.constants, encodeConstant(key, constant))),
    messageField(of.inputs, encodePort(input)),
    messageField(of.outputs, encodePort(output)),
  );
}

function encodeNode({ op, name, inputs, outputs, attributes }: Node): Encoded {
  const of = field.node;
  return message(
    ...inputs.map((each) => textField(of.inputs, each)),
    ...outputs.map((each) => textField(of.outputs, each)),
    textField(of.name, name),
    textField(of.op, op),
    ...Object.entries(attributes).map(([key, value]) => messageField(of.attributes, encodeAttribute(key, value))),
  );
}

function encodeAttribute(name: string, value: Attribute): Encoded {
  const of = field.attribute;
  const key = textField(of.name, name);
  if (typeof value === 'number') return message(key, intField(of.int, value), intField(of.type, attributeType.int));
  if ('float' in value) return message(key, floatField(of.float, value.float), intField(of.type, attributeType.float));
  return message(key, ...value.map((each) => intField(of.ints, each)), intField(of.type, attributeType.ints));
}

function encodeConstant(name: string, { dims, data }: Constant): Encoded {
  const of = field.tensor;
  const floats = data instanceof Float32Array;
  const bytes = floats ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(BigInt64Array.from(data).buffer);
  return message(
    ...dims.map((size) => intField(of.dims, size)),
    intField(of.type, floats ? elementType.float : elementType.int64),
    textField(of.name, name),
    bytesField(of.bytes, bytes),
  );
}

function encodePort({ name, dims }: Port): Encoded {
  const of = field.port;
  const sizes = [textField(of.symbol, 'batch'), ...dims.map((size) => intField(of.size, size))];
  const shape = message(...sizes.map((size) => messageField(of.dims, size)));
  const tensor = message(intField(of.elements, elementType.float), messageField(of.shape, shape));
  return message(textField(of.name, name), messageField(of.type, messageField(of.tensor, tensor)));
}
