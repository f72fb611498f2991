/** Small faults that somebody could have typed: one operator, one condition or one statement of a source file or its SQL changed. */
import ts from "typescript";
import { sqlChangesOf } from "./sql-mutations.ts";

export interface Mutation {
  /** Path from the root of the repository. */
  file: string;
  /** Of the change, from 1. */
  line: number;
  start: number;
  end: number;
  /** What stands there, and what stands there instead. */
  from: string;
  to: string;
}

const OPERATORS: Partial<Record<ts.SyntaxKind, string>> = {
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: "!==",
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: "===",
  [ts.SyntaxKind.LessThanToken]: "<=",
  [ts.SyntaxKind.LessThanEqualsToken]: "<",
  [ts.SyntaxKind.GreaterThanToken]: ">=",
  [ts.SyntaxKind.GreaterThanEqualsToken]: ">",
  [ts.SyntaxKind.AmpersandAmpersandToken]: "||",
  [ts.SyntaxKind.BarBarToken]: "&&",
  [ts.SyntaxKind.PlusToken]: "-",
  [ts.SyntaxKind.MinusToken]: "+",
  [ts.SyntaxKind.AsteriskToken]: "/",
  [ts.SyntaxKind.SlashToken]: "*",
  [ts.SyntaxKind.PlusEqualsToken]: "-=",
  [ts.SyntaxKind.MinusEqualsToken]: "+=",
};

const NAMES = new Map([
  ["Math.min", "Math.max"],
  ["Math.max", "Math.min"],
]);
const METHODS = new Map([
  ["some", "every"],
  ["every", "some"],
]);

/** Every mutation of a file, in the order of its text. Types, imports and log lines are left alone: no test should depend on them. */
export function mutationsOf(file: string, text: string): Mutation[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  const found: Mutation[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node) || isLog(node)) return;
    const changes = changesOf(node).map(([part, to]) => ({ start: part.getStart(source), end: part.getEnd(), to }));
    for (const { start, end, to } of [...changes, ...sqlChangesOf(node)]) {
      const line = source.getLineAndCharacterOfPosition(start).line + 1;
      found.push({ file, line, start, end, from: text.slice(start, end), to });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The file with the mutation in it. */
export function mutated(text: string, { start, end, to }: Mutation): string {
  return text.slice(0, start) + to + text.slice(end);
}

/** What may be changed about this one node: the part of the text, and what stands there instead. */
function changesOf(node: ts.Node): [ts.Node, string][] {
  if (ts.isBinaryExpression(node)) return operatorChange(node);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
    return [[node, node.operand.getText()]];
  if (ts.isIfStatement(node)) return [[node.expression, "false"]];
  if (ts.isConditionalExpression(node)) return [[node.condition, `!(${node.condition.getText()})`]];
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [[node, "false"]];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [[node, "true"]];
  if (ts.isPropertyAccessExpression(node)) return nameChange(node);
  if (ts.isExpressionStatement(node) && hasEffect(node.expression)) return [[node, ";"]];
  return [];
}

function operatorChange({ left, operatorToken, right }: ts.BinaryExpression): [ts.Node, string][] {
  if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) return [[right, "undefined!"]];
  const to = OPERATORS[operatorToken.kind];
  const joinsText = operatorToken.kind === ts.SyntaxKind.PlusToken && [left, right].some(isText);
  return to === undefined || joinsText ? [] : [[operatorToken, to]];
}

function nameChange(node: ts.PropertyAccessExpression): [ts.Node, string][] {
  const whole = NAMES.get(node.getText());
  if (whole !== undefined) return [[node, whole]];
  const method = METHODS.get(node.name.text);
  return method !== undefined && ts.isCallExpression(node.parent) ? [[node.name, method]] : [];
}

function isText(node: ts.Expression): boolean {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}

function isLog(node: ts.Node): boolean {
  return ts.isCallExpression(node) && /(^|[.#])log\.(trace|debug|info|warn|error)$/.test(node.expression.getText());
}

/** A statement that does something when it is left out: a call, an assignment, a deletion. */
function hasEffect(expression: ts.Expression): boolean {
  if (ts.isVoidExpression(expression) || ts.isAwaitExpression(expression)) return hasEffect(expression.expression);
  if (ts.isParenthesizedExpression(expression)) return hasEffect(expression.expression);
  if (ts.isCallExpression(expression))
    return !isLog(expression) && expression.expression.kind !== ts.SyntaxKind.SuperKeyword;
  if (ts.isBinaryExpression(expression)) return isAssignment(expression.operatorToken.kind);
  return ts.isPostfixUnaryExpression(expression) || ts.isDeleteExpression(expression);
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}
