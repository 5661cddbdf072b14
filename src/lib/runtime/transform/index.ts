export { grad, hessian, hvp, jacobian, jvp, valueAndGrad, vjp } from './derivatives.ts';
export { simplify } from './simplify.ts';
