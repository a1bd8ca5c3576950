import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '#engine/engine.ts';
import { openTestEngine } from '#support/realEngine.ts';
import { needImages } from '#support/world.ts';
import { SwitchHarness } from './switchHarness.ts';

const COMPOSE = `
services:
  db:
    image: mariadb:10.5
    environment: { MARIADB_ROOT_PASSWORD: "sec'ret", MARIADB_USER: shop, MARIADB_PASSWORD: shop, MARIADB_DATABASE: shop }
    volumes: [dbdata:/var/lib/mysql]
volumes: { dbdata: {} }
`;

const SCHEMA = `
CREATE DATABASE second CHARACTER SET latin1;
CREATE USER reader@'%' IDENTIFIED BY 'lesen';
GRANT SELECT ON shop.* TO reader@'%';
CREATE ROLE auditor; GRANT SELECT ON second.* TO auditor; GRANT auditor TO reader@'%';
USE shop;
CREATE TABLE customer (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(100) NOT NULL, mood ENUM('calm','stormy') DEFAULT 'calm',
  profile JSON, photo BLOB, born DATE, net DECIMAL(12,3), seen TIMESTAMP NULL, doubled DECIMAL(14,3) AS (net * 2) PERSISTENT, UNIQUE KEY by_name (name)) CHARACTER SET utf8mb4;
CREATE TABLE ordered (id BIGINT AUTO_INCREMENT PRIMARY KEY, customer INT, day DATE, price DOUBLE, KEY (day), FOREIGN KEY (customer) REFERENCES customer (id) ON DELETE CASCADE);
CREATE TABLE parts (id INT, y INT) PARTITION BY RANGE (y) (PARTITION p0 VALUES LESS THAN (2025), PARTITION p1 VALUES LESS THAN MAXVALUE);
INSERT INTO customer (name, profile, photo, born, net) SELECT CONCAT('Ñame ', seq, '\\t\\\\', CHAR(10)), JSON_OBJECT('i', seq), UNHEX(MD5(seq)), DATE_ADD('1970-01-01', INTERVAL seq DAY), seq / 7 FROM seq_1_to_1500;
INSERT INTO ordered (customer, day, price) SELECT 1 + seq % 1500, DATE_ADD('2025-01-01', INTERVAL seq % 90 DAY), seq * 0.1 FROM seq_1_to_3000;
INSERT INTO parts SELECT seq, 2020 + seq % 10 FROM seq_1_to_100;
CREATE VIEW busy AS SELECT name, COUNT(*) AS orders FROM customer JOIN ordered ON ordered.customer = customer.id GROUP BY name;
DELIMITER //
CREATE FUNCTION total(c INT) RETURNS DOUBLE READS SQL DATA BEGIN RETURN (SELECT SUM(price) FROM ordered WHERE customer = c); END//
CREATE TRIGGER stamp BEFORE UPDATE ON customer FOR EACH ROW SET NEW.seen = '2026-01-01'//
DELIMITER ;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM ordered WHERE day < '2000-01-01';
CREATE TABLE second.old (t VARCHAR(50)); INSERT INTO second.old VALUES ('caf\u00e9'), (NULL);
`;

const CHECK = `
SELECT COUNT(*), SUM(id), SUM(doubled), MD5(GROUP_CONCAT(MD5(CONCAT(name, HEX(photo), born, net)) ORDER BY id)) FROM shop.customer;
SELECT COUNT(*), ROUND(SUM(price), 3), COUNT(DISTINCT day) FROM shop.ordered;
SELECT COUNT(*) FROM shop.parts PARTITION (p0);
SELECT COUNT(*), SUM(orders) FROM shop.busy;
SELECT ROUND(shop.total(7), 3);
SELECT t, LENGTH(t) FROM second.old ORDER BY 1;
SELECT event_name, status FROM information_schema.events;
`;

describe('a switch of MariaDB', () => {
  let engine: Engine;
  let stack: SwitchHarness;
  const client = (binary: string, user = 'root', password = "sec'ret") => [
    'env',
    `MYSQL_PWD=${password}`,
    binary,
    '-u',
    user,
    '-h',
    '127.0.0.1',
    '-N',
    '-B',
    '--default-character-set=utf8mb4',
  ];

  beforeAll(async () => {
    await needImages('mariadb:10.5', 'mariadb:10.11', 'mariadb:11.8');
    engine = await openTestEngine();
    stack = await SwitchHarness.create(engine, 'db', COMPOSE);
    await stack.boot();
    await stack.exec(client('mariadb'), SCHEMA);
  });
  afterAll(async () => {
    await stack?.remove();
    await engine?.close();
  });

  it('carries everything from 10.5 to 11.8 and back', async () => {
    const before = await stack.exec(client('mariadb'), CHECK);
    await stack.switchTo('11.8');
    expect(await stack.exec(client('mariadb'), 'SELECT VERSION();')).toMatch(/^11\.8/);
    expect(await stack.exec(client('mariadb'), CHECK)).toBe(before);
    expect(
      await stack.exec(client('mariadb', 'reader', 'lesen'), 'SELECT COUNT(*) FROM shop.customer;'),
    ).toBe('1500\n');
    await stack.exec(
      client('mariadb', 'shop', 'shop'),
      "INSERT INTO shop.customer (name) VALUES ('written on 11.8'); CREATE TABLE shop.fresh (t VARCHAR(10)); INSERT INTO shop.fresh VALUES ('neu');",
    );
    await stack.switchTo('10.5', 'carry');
    expect(await stack.exec(client('mariadb'), 'SELECT VERSION();')).toMatch(/^10\.5/);
    expect(
      await stack.exec(client('mariadb'), 'SELECT COUNT(*) FROM shop.customer; SELECT t FROM shop.fresh;'),
    ).toBe('1501\nneu\n');
  });
});
