// The bundle that the runner executes: TensorFlow.js' own specs, with this backend as the environment they run in.
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import { env } from '@tensorflow/tfjs-core';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';
import { backendName, useWasmBackendSync } from '../../src/index.ts';

useWasmBackendSync({ threads: 2 });
env().set('IS_TEST', true);
setTestEnvs([{ name: backendName, backendName, isDataSync: true }]);
require('@tensorflow/tfjs-core/dist/tests.js');
