ALTER TABLE orders ADD COLUMN paid_by text;
CREATE INDEX orders_status ON orders (status);
