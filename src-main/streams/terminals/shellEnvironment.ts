import type { Shell } from './shellFinder.ts';

/** Names the processes of a session, so that they can be found inside the container and told to go. */
export const SESSION_VARIABLE = 'SLIPWAY_SESSION';

/**
 * The prompt of a toolbox. Its directory lies in the target's files, where the kernel has no name for it: asked for one, as
 * for `\w`, busybox says an error; `$PWD` is what the shell itself remembers.
 */
export const TOOLBOX_PROMPT = 'PS1=\\[\u001b]7;file://$PWD\u0007\\]$PWD \\$ ';

/**
 * What a program in one of our terminals is told. Shells also report their directory with every prompt (OSC 7, which
 * terminals do not show), so that a new shell can begin where the old one was. A `.bashrc` may take that away again: then a
 * new shell begins in the container's own directory.
 */
export function terminalEnvironment(
  session: string,
  { container, shell }: { readonly container: readonly string[]; readonly shell?: Shell | undefined },
): string[] {
  const env = ['TERM=xterm-256color', 'COLORTERM=truecolor', `${SESSION_VARIABLE}=${session}`];
  const has = (name: string) => container.some((entry) => entry.startsWith(`${name}=`));
  // Without a UTF-8 locale, line editors show what is typed in other scripts as bytes.
  if (!has('LANG') && !has('LC_ALL')) env.push('LANG=C.UTF-8');
  if (shell?.flavour === 'bash' && !has('PROMPT_COMMAND'))
    env.push(`PROMPT_COMMAND=printf '\\033]7;file://%s\\007' "$PWD"`);
  if (shell?.flavour === 'busybox' && !has('PS1')) env.push('PS1=\\[\u001b]7;file://$PWD\u0007\\]\\w \\$ ');
  return env;
}
