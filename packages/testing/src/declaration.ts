import type { Method } from '@selfsup/train';

const roles: readonly string[] = ['weight', 'bias', 'norm'];

/** What a method's declaration says against itself, one sentence each. */
export function declarationViolations(method: Method): readonly string[] {
  const parameters = method.parameters();
  const state = method.state();
  const variables = parameters.map((parameter) => parameter.variable);
  const found: string[] = [];
  if (!/^[a-z0-9][a-z0-9-]*$/.test(method.name)) found.push(`The name "${method.name}" is not short lower-case words joined by "-".`);
  if (method.views.length === 0) found.push('It declares no views.');
  found.push(...repeated('view', method.views));
  if (parameters.length === 0) found.push('It declares no parameters.');
  found.push(...repeated('parameter name', parameters.map(({ name }) => name)));
  found.push(...repeated('parameter variable', variables.map(({ name }) => name)));
  found.push(...repeated('state name', state.map(({ name }) => name)));
  for (const { name, role } of parameters) {
    if (!roles.includes(role)) found.push(`The parameter ${name} has the role "${role}" instead of ${roles.join(', ')}.`);
  }
  const again = method.parameters();
  if (again.length !== parameters.length || again.some(({ name, variable }, i) => name !== parameters[i]!.name || variable !== variables[i])) {
    found.push('parameters() answers other variables, or another order, at its second call.');
  }
  const stateAgain = method.state();
  if (stateAgain.length !== state.length || stateAgain.some(({ name, variable }, i) => name !== state[i]!.name || variable !== state[i]!.variable)) {
    found.push('state() answers other variables, or another order, at its second call.');
  }
  const known = new Set(variables);
  for (const { name, variable } of state) {
    if (known.has(variable)) found.push(`The state variable ${name} is a parameter too.`);
  }
  const kept = new Set([...variables, ...state.map(({ variable }) => variable)]);
  for (const weight of method.encoder.weights) {
    const value = weight.read();
    if (![...kept].some((variable) => variable === value)) {
      found.push(`The encoder's weight ${weight.originalName} is neither a parameter nor state, so a checkpoint would lose it.`);
    }
  }
  return found;
}

function repeated(what: string, names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))].map((name) => `The ${what} "${name}" occurs twice.`);
}
