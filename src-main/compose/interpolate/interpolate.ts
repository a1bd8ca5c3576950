import type { Problems } from '../problems.ts';
import { descend, renderPath, type Step, type Trie } from '../treePath.ts';
import { mapEntries, mapItems, type Node, type ScalarNode, stringNode } from '../yaml/nodes.ts';
import { CASTS, type Cast, castScalar, parseTruth } from './casts.ts';
import { InvalidTemplate, type Lookup, substitute } from './template.ts';

const EXPECTED: Readonly<Record<Cast, string>> = {
  int: 'an integer',
  float: 'a number',
  bool: 'true or false',
};

/** Replaces the variables in every value of a document (never in keys), and turns texts into what the schema wants there. */
export function interpolate(root: Node, lookup: Lookup, problems: Problems): Node {
  const steps: Step[] = [];

  function walk(node: Node, casts: Trie<Cast> | undefined): Node {
    if (node.kind === 'map') return mapEntries(node, (child, key) => visit(child, key, casts));
    if (node.kind === 'list') return mapItems(node, (child, index) => visit(child, index, casts));
    return node.type === 'string' ? scalar(node, casts?.value) : node;
  }

  function visit(child: Node, step: Step, casts: Trie<Cast> | undefined): Node {
    steps.push(step);
    const result = walk(child, descend(casts, step));
    steps.pop();
    return result;
  }

  function scalar(node: ScalarNode, cast: Cast | undefined): Node {
    const text = node.value as string;
    const replaced = text.includes('$') ? replace(text, node) : text;
    if (cast !== undefined) return castTo(replaced, cast, node);
    return replaced === text ? node : stringNode(replaced, node);
  }

  function replace(text: string, node: Node): string {
    try {
      return substitute(text, lookup, {
        unset: (name) => warnUnset(name, node),
        required: (name, reason) => problems.missing({ name, reason, path: renderPath(steps) }, node),
      });
    } catch (thrown) {
      if (!(thrown instanceof InvalidTemplate)) throw thrown;
      problems.invalid({
        message: `"${text}" is no valid use of a variable.`,
        path: renderPath(steps),
        place: node,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: compose's own syntax
        expected: '$NAME, ${NAME} or ${NAME:-default}',
        hint: 'Write $$ for a dollar sign that is meant as one.',
      });
      return text;
    }
  }

  function warnUnset(name: string, node: Node): void {
    problems.warn(
      {
        kind: 'variable.unset',
        message: `The variable ${name} is not set: it counts as empty.`,
        path: renderPath(steps),
      },
      node,
    );
  }

  function castTo(text: string, cast: Cast, node: ScalarNode): Node {
    const result = castScalar(text, cast, node);
    if (result !== undefined) {
      if (cast === 'bool' && parseTruth(text)?.yaml11) warnYaml11(text, node);
      return result;
    }
    problems.invalid({
      message: `${renderPath(steps)} is "${text}", but must be ${EXPECTED[cast]}.`,
      path: renderPath(steps),
      place: node,
      expected: EXPECTED[cast],
    });
    return node;
  }

  function warnYaml11(text: string, node: Node): void {
    problems.warn(
      {
        kind: 'boolean.yaml11',
        message: `"${text}" is no truth value in YAML 1.2: write true or false.`,
        path: renderPath(steps),
      },
      node,
    );
  }

  return walk(root, CASTS);
}
