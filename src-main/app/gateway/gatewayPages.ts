import type { FailureCard } from '#contract/model.ts';

/** What the gateway itself answers, as a page for browsers and as text for everybody else. */
export interface GatewayPage {
  readonly status: number;
  readonly title: string;
  readonly words: string;
  /** The end of the log, or a list. */
  readonly lines?: readonly string[] | undefined;
  readonly links?: readonly { readonly text: string; readonly url: string }[] | undefined;
  /** The page asks again by itself, so many seconds later. */
  readonly againInSeconds?: number | undefined;
}

export function waitingPage(service: string, words: string): GatewayPage {
  return { status: 503, title: `${service} is on its way`, words, againInSeconds: 1 };
}

/** The failure card's own words, where there is one. */
export function downPage(service: string, words: string, card: FailureCard | undefined): GatewayPage {
  if (card === undefined) {
    return { status: 503, title: `${service} does not run`, words: `${service}: ${words}.` };
  }
  return { status: 502, title: card.title, words: card.explanation, lines: card.lines };
}

export function silentPage(service: string, port: number): GatewayPage {
  return {
    status: 502,
    title: `${service} runs, and nothing answers on port ${port}`,
    words:
      `If it listens on another port, say so in the compose file: x-slipway: { gateway: { port: … } }. If it listens on ` +
      '127.0.0.1 inside its container, let it listen on 0.0.0.0. With an engine on another machine, or in a virtual one, ' +
      'the port has to be published.',
  };
}

/** Text for a program, a page for a browser. Everything that came from a container or a file is escaped. */
export function renderPage(page: GatewayPage, accept: string | undefined): { type: string; body: string } {
  if (!accept?.includes('text/html')) return { type: 'text/plain; charset=utf-8', body: asText(page) };
  return { type: 'text/html; charset=utf-8', body: asHtml(page) };
}

/** No script, nothing from elsewhere, in nobody's frame. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};

function asText({ title, words, lines = [], links = [] }: GatewayPage): string {
  const listed = links.map(({ text, url }) => (text === url ? url : `${text}  ${url}`));
  return `${[title, words, ...lines, ...listed].filter((line) => line !== '').join('\n')}\n`;
}

function asHtml({ title, words, lines = [], links = [], againInSeconds }: GatewayPage): string {
  const again = againInSeconds === undefined ? '' : `<meta http-equiv="refresh" content="${againInSeconds}">`;
  const listed = links.map(({ text, url }) => `<li><a href="${escaped(url)}">${escaped(text)}</a></li>`);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${again}
<title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><main>
<h1>${escaped(title)}</h1>
<p>${escaped(words)}</p>
${againInSeconds === undefined ? '' : '<p class="quiet">This page asks again by itself.</p>'}
${listed.length > 0 ? `<ul>${listed.join('')}</ul>` : ''}
${lines.length > 0 ? `<pre>${escaped(lines.join('\n'))}</pre>` : ''}
</main></body>
</html>
`;
}

const STYLE = `
:root{color-scheme:light dark;font:15px/1.5 Inter,system-ui,sans-serif}
body{margin:0;background:light-dark(#f5f6f8,#101418);color:light-dark(#22272d,#e9ecef)}
main{max-width:44rem;margin:12vh auto 4rem;padding:0 24px}
h1{font-size:20px;line-height:1.3;margin:0 0 8px}
p{margin:0 0 12px;color:light-dark(#4b525a,#b3bac2)}
.quiet{font-size:13px}
pre{padding:12px;border:1px solid light-dark(#dfe3e7,#2b3138);border-radius:6px;overflow:auto;
font:12px/1.5 "JetBrains Mono",ui-monospace,monospace;background:light-dark(#fff,#0b0f13)}
ul{padding:0;list-style:none}
li{border-top:1px solid light-dark(#dfe3e7,#2b3138);padding:8px 0}
a{color:light-dark(#0b6a8f,#62c3e4)}
`.trim();

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
