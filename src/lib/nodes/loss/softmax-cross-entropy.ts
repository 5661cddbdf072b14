/**
 * Cross-entropy of softmax probabilities.
 *
 *   f = 1/N Σᵢ logsumexp(zᵢ) − zᵢ[yᵢ]
 *
 * The negative log-likelihood of y ~ Categorical(softmax(z)), averaged over N samples. Shapes: z [N, K], y int [N].
 * With two classes the model has one output z, read as the logits [0, z]: the logistic loss.
 * Curvature diag(p) − ppᵀ ≼ ½ (I − 11ᵀ/K) (Böhning 1992, Multinomial logistic regression algorithm, theorem 5.3); ¼ for two classes.
 */
import { defineNode } from '../../runtime/graph/node-definition.ts';
import { concat, logsumexp, mean, mul, oneHot, sub, sum, zerosLike } from '../../runtime/ir/ops.ts';
import { crossEntropyCertificate } from './certificates/likelihood.ts';
import { LOSS_INPUTS, LOSS_OUTPUTS, evaluateLoss } from './objective.ts';
import { labelsOf } from './targets.ts';

export default defineNode({
  type: 'loss/softmax-cross-entropy',
  version: 1,
  family: 'loss',
  title: 'Softmax cross-entropy',
  summary: 'The negative log-likelihood of classes with probabilities softmax(z).',
  formula: 'f = \\frac{1}{N} \\sum_{i=1}^{N} \\log \\sum_{k} e^{z_{ik}} - z_{i y_i}',
  description: [
    'The negative log-likelihood of y ~ Categorical(softmax(z)) averaged over the samples. Needs classes. With two classes the model’s one output z stands for the logits [0, z], which is the logistic loss.',
    'scikit-learn’s LogisticRegression minimises C · N · f + ½‖W‖², so C = 1/(N λ) for a squared ℓ2 term of weight λ. With a linear model and squared ℓ2 terms or none, f* is known from Newton’s method.',
  ],
  keywords: [
    'multinomial',
    'multiclass',
    'classification',
    'softmax regression',
    'categorical',
    'log loss',
  ],
  references: [
    { text: 'Bishop, Pattern Recognition and Machine Learning (2006), equation (4.108).' },
    {
      text: 'Böhning, Multinomial logistic regression algorithm (1992), for the bound of the curvature.',
      url: 'https://doi.org/10.1007/BF00048682',
    },
  ],
  params: {},
  inputs: LOSS_INPUTS,
  outputs: LOSS_OUTPUTS,
  evaluate(context) {
    const model = context.input('model', 'model');
    return evaluateLoss(context, {
      title: 'Softmax cross-entropy',
      formula: '\\frac{1}{N} \\sum_{i=1}^{N} \\log \\sum_{k} e^{z_{ik}} - z_{i y_i}',
      targets: labelsOf(model, 'softmax cross-entropy', false),
      smooth: { yes: true },
      curvature: { lower: 0, upper: model.outputs === 1 ? 0.25 : 0.5 },
      value(z, labels) {
        const logits = z.shape[1] === 1 ? concat([zerosLike(z), z], 1) : z;
        const picked = sum(mul(logits, oneHot(labels, logits.shape[1])), 1);
        return mean(sub(logsumexp(logits, 1), picked));
      },
      shiftInvariant: model.outputs > 1,
      certificate: crossEntropyCertificate,
    });
  },
  migrations: {},
  fixtures: {
    valid: [{}],
    invalid: [{ params: { reduction: 'sum' }, message: /expected one of the parameters/ }],
  },
});
