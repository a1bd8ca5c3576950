import { entrypoint } from '../entrypoints.ts';
import { type Recipe, type Suite, versionTags } from '../recipe.ts';

const MAIN_CONFIG = `user nginx;
worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;

events {
  worker_connections 1024;
}

http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log /var/log/nginx/access.log combined;
  sendfile on;
  keepalive_timeout 65;
  include /etc/nginx/conf.d/*.conf;
}
`;

const DEFAULT_SITE = `server {
  listen 80;
  listen [::]:80;
  server_name localhost;

  location / {
    root /usr/share/nginx/html;
    index index.html index.htm;
  }

  error_page 500 502 503 504 /50x.html;
  location = /50x.html {
    root /usr/share/nginx/html;
  }
}
`;

function page(title: string): string {
  return `<!doctype html>\n<html lang="en">\n<head><title>${title}</title></head>\n<body><h1>${title}</h1></body>\n</html>\n`;
}

function nginx(version: string, suite: Suite, latest?: true): Recipe {
  return {
    id: `nginx:${version}`,
    rootfs: {
      type: 'packages',
      suite,
      packages: ['nginx', 'gettext-base', 'curl'],
      // Debian's own layout of sites is not the official image's.
      exclude: ['etc/nginx/sites-', 'etc/nginx/nginx.conf', 'var/www/', 'usr/share/nginx/html/'],
    },
    version: { package: 'nginx' },
    tags: (full) =>
      versionTags(full, {
        parts: latest ? [1, 2, 3] : [2, 3],
        endings: ['', '-alpine', `-${suite}`],
        ...(latest ? { latest } : {}),
      }).concat(latest ? ['stable', 'stable-alpine', 'mainline'] : []),
    users: [{ name: 'nginx', id: 101, home: '/var/cache/nginx' }],
    overlay: [
      { ...entrypoint('nginx'), path: 'docker-entrypoint.sh' },
      { type: 'file', path: 'etc/nginx/nginx.conf', text: MAIN_CONFIG },
      { type: 'file', path: 'etc/nginx/conf.d/default.conf', text: DEFAULT_SITE },
      { type: 'file', path: 'usr/share/nginx/html/index.html', text: page('Welcome to nginx!') },
      { type: 'file', path: 'usr/share/nginx/html/50x.html', text: page('An error occurred.') },
      { type: 'folder', path: 'docker-entrypoint.d' },
      { type: 'folder', path: 'var/log/nginx', mode: 0o755 },
      { type: 'link', path: 'var/log/nginx/access.log', to: '/dev/stdout' },
      { type: 'link', path: 'var/log/nginx/error.log', to: '/dev/stderr' },
    ],
    config: {
      env: { NGINX_VERSION: version },
      entrypoint: ['/docker-entrypoint.sh'],
      cmd: ['nginx', '-g', 'daemon off;'],
      expose: ['80'],
      stopSignal: 'SIGQUIT',
    },
  };
}

export const NGINX: readonly Recipe[] = [nginx('1.26', 'trixie', true), nginx('1.22', 'bookworm')];
