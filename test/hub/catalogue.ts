import { LANGUAGES } from './images/languages.ts';
import { MARIADB } from './images/mariadb.ts';
import { NGINX } from './images/nginx.ts';
import { POSTGRES } from './images/postgres.ts';
import { RABBITMQ } from './images/rabbitmq.ts';
import { REDIS } from './images/redis.ts';
import { SERVERS } from './images/servers.ts';
import { STATIC } from './images/static.ts';
import { SYSTEMS } from './images/systems.ts';
import type { Recipe } from './recipe.ts';

const ALL: readonly Recipe[] = [
  ...SYSTEMS,
  ...POSTGRES,
  ...REDIS,
  ...NGINX,
  ...RABBITMQ,
  ...LANGUAGES,
  ...MARIADB,
  ...STATIC,
  ...SERVERS,
];

/** What the example and most tests need: built before the rest. */
const FIRST = [
  'postgres:15',
  'redis:7.0',
  'nginx:1.26',
  'busybox:1',
  'debian:bookworm',
  'rabbitmq:3.10',
  'rabbitmq:3.10-management',
  'python:3.11',
  'node:20',
  'ruby:3.1',
];

/** All recipes in the order they are built. */
export const CATALOGUE: readonly Recipe[] = [...ALL].sort((a, b) => rank(a) - rank(b));

function rank(recipe: Recipe): number {
  const position = FIRST.indexOf(recipe.id);
  return position === -1 ? FIRST.length : position;
}

/** The recipes called by these names (`postgres:15`, or `postgres` for all of them); an unknown name throws. */
export function selectRecipes(names: readonly string[] | undefined): readonly Recipe[] {
  if (names === undefined) return CATALOGUE;
  const wanted = new Set<Recipe>();
  for (const name of names) {
    const matching = CATALOGUE.filter((recipe) => recipe.id === name || recipe.id.startsWith(`${name}:`));
    if (matching.length === 0) {
      throw new Error(`The hub has no ${name}. It has: ${CATALOGUE.map((recipe) => recipe.id).join(', ')}`);
    }
    for (const recipe of matching) wanted.add(recipe);
  }
  return CATALOGUE.filter((recipe) => wanted.has(recipe));
}
