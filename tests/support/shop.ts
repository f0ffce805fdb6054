/** A small database that has an owner, a grant, a policy, a materialized view and a large object. */
export const shop = `
  CREATE ROLE seller; CREATE ROLE "odd Role";
  CREATE TABLE items (id serial PRIMARY KEY, name text);
  INSERT INTO items (name) SELECT 'item ' || n FROM generate_series(1, 300) AS n;
  ALTER TABLE items OWNER TO seller;
  GRANT SELECT ON items TO "odd Role";
  CREATE POLICY mine ON items TO seller USING (true);
  CREATE MATERIALIZED VIEW recent AS SELECT id FROM items WITH DATA;
  SELECT lo_from_bytea(0, 'large');`;
