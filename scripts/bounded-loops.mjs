/**
 * An ESLint rule: a loop whose header does not count says why it ends, in a comment before it that begins with "Ends". Such loops are `while`,
 * `do` and a `for` without a test or without an update. One that ends only if a computation goes well stops the worker for ever when it does not.
 */

/** @type {import('eslint').Rule.RuleModule} */
export const boundedLoops = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      unbounded:
        'Say before this loop why it ends, whatever the numbers are: "// Ends after …" or "// Ends, since …". Better, count in the header of a for.',
    },
  },
  create(context) {
    /** @param {import('eslint').Rule.Node} node */
    const check = (node) => {
      const comments = context.sourceCode.getCommentsBefore(node);
      const said = comments.some(({ value }) => /^\s*Ends\b.{8}/.test(value));
      if (!said) context.report({ node, messageId: 'unbounded' });
    };
    return {
      WhileStatement: check,
      DoWhileStatement: check,
      ForStatement(node) {
        if (!node.test || !node.update) check(node);
      },
    };
  },
};
