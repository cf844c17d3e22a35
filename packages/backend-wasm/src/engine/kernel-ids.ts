/** Every kernel's id, by the name under which `assembly/index.ts` exports it. */
export { K } from '../generated/kernel-ids.ts';
