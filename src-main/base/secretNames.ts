const SECRET_NAME = /(pass(word|wd|phrase)?|secret|token|api_?key|private_?key|credential|auth)s?$/i;

/** Is this a name of variables whose values are secrets more often than not? */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}
