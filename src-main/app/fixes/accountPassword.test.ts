import { expect, test } from 'vitest';
import { passwordSentBy } from './accountPassword.ts';

const server = { POSTGRES_USER: 'shop', POSTGRES_PASSWORD: 'of the server' };

test('an address in the environment says which password is sent', () => {
  const sender = { DATABASE_URL: 'postgres://shop:p%40ss@db:5432/shop', PASSWORD: 'another' };
  expect(passwordSentBy({ sender, server, user: 'shop' })).toBe('p@ss');
});

test('an address of another account says nothing; the server is configured with one', () => {
  const sender = { DATABASE_URL: 'postgres://other:x@db/shop' };
  expect(passwordSentBy({ sender, server, user: 'shop' })).toBe('of the server');
});

test('without a user, the image’s own name counts', () => {
  const own = { POSTGRES_PASSWORD: 'secret' };
  expect(passwordSentBy({ sender: {}, server: own, user: 'postgres' })).toBe('secret');
});

test('the only variable that is called a password is the one, and of two none is', () => {
  const of = (sender: Record<string, string>) => passwordSentBy({ sender, server, user: 'reader' });
  expect(of({ DB_PASSWORD: 'one' })).toBe('one');
  expect(of({ DB_PASSWORD: 'one', SMTP_PASSWORD: 'two' })).toBeUndefined();
});
